import type { Bench } from '../measure';
import { embeddings, sensors, type Table, vectorTypeOf } from '../tables';
import type { Contestant } from './contestant';
import { dlt } from './dlt';
import { ingestr } from './ingestr';
import { meltano } from './meltano';
import type { Outcome, SideBySide } from './outcome';
import type { Peer } from './peer';
import { peerContestant } from './peer-contestant';
import { oneLine, sideBySide } from './side-by-side';
import { sling } from './sling';
import { tidemark } from './tidemark';

export const peers: Peer[] = [ingestr('merge'), ingestr('replace'), sling, dlt, meltano];

/** The cases of the bench that peers are run in, by name. */
const tables: Record<string, (vectorType: string) => { table: Table; rows: number }> = {
  'sensors/first-load': () => ({ table: sensors, rows: 1_000_000 }),
  'embeddings/first-load': (vectorType) => ({ table: embeddings(vectorType), rows: 20_000 }),
};
export const peerCases = Object.keys(tables);

/** Runs Tidemark and the peers whose names begin so in these cases. One that cannot be installed is told of, and left out. */
export async function runPeers(
  bench: Bench,
  { names, cases }: { names: string[]; cases: string[] },
): Promise<SideBySide[]> {
  const contestants: Contestant[] = [tidemark(bench.environment)];
  const absent: Omit<Outcome, 'case'>[] = [];
  const chosen = peers.filter(({ name }) =>
    names.some((start) => name.toLowerCase().startsWith(start.toLowerCase())),
  );
  for (const peer of chosen) {
    try {
      contestants.push(await peerContestant(peer, bench.environment, bench.say));
    } catch (error) {
      const { name, version, mode } = peer;
      absent.push({ name, version, mode, all: [], error: `not installed: ${oneLine(error)}` });
      bench.say(`${name}: not installed: ${oneLine(error)}`);
    }
  }
  const vectorType = await vectorTypeOf(bench.environment.source);
  const results: SideBySide[] = [];
  for (const name of cases) {
    const tableOf = tables[name];
    if (!tableOf) continue;
    const result = await sideBySide(bench, name, { ...tableOf(vectorType), contestants });
    result.outcomes.push(...absent.map((outcome) => ({ ...outcome, case: name })));
    results.push(result);
  }
  return results;
}
