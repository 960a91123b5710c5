import type { Bench } from '../measure';
import { expectEqual } from '../database';
import { median } from '../median';
import { copyAndUpsert, copyStraight } from '../psql';
import { createSource, createTarget, type Table } from '../tables';
import type { Contestant } from './contestant';
import { crash, loadOnce } from './measure';
import type { Outcome, SideBySide } from './outcome';
import { judge, originalOf } from './verdict';

const PSQL_TARGET = 'public.by_psql';

/** Who failed is out of the case, with the reason; all others go on. */
export async function sideBySide(
  { environment, rounds, say }: Bench,
  name: string,
  { table, rows, contestants }: { table: Table; rows: number; contestants: Contestant[] },
): Promise<SideBySide> {
  const { source, destination } = environment;
  await source.run(`DROP TABLE IF EXISTS ${table.name}`);
  await createSource(source, table, rows);
  const original = await originalOf(source, table);
  const seconds: Record<'copy' | 'upsert', number[]> = { copy: [], upsert: [] };
  const psql = async (way: 'copy' | 'upsert'): Promise<void> => {
    await createTarget(destination, table, PSQL_TARGET);
    await destination.run('CHECKPOINT');
    const pipe = { source, destination, table, target: PSQL_TARGET };
    seconds[way].push(await (way === 'copy' ? copyStraight(pipe) : copyAndUpsert(pipe)));
    const tables = { source: table.name, destination: PSQL_TARGET, columns: table.columns };
    await expectEqual(source, destination, tables);
    say(`${name}: psql, ${way} ${(seconds[way].at(-1) ?? NaN).toFixed(2)} s`);
    await destination.run(`DROP TABLE ${PSQL_TARGET}`);
  };

  const load = async (contestant: Contestant, outcome: Outcome): Promise<void> => {
    const { seconds, read } = await loadOnce(environment, contestant, table);
    outcome.all.push(seconds);
    const verdict = await judge(source, destination, original, contestant.target(table));
    Object.assign(outcome, verdict);
    say(`${name}: ${label(contestant)} ${seconds.toFixed(1)} s, ${verdict.differs || 'equal'}`);
    if (outcome.rowsReadAgain !== undefined) return;
    outcome.rowsReadAgain = await crash(environment, contestant, { table, rows, seconds, read });
    const after = await judge(source, destination, original, contestant.target(table));
    outcome.equalAfterCrash = after.equal;
    outcome.keptAfterCrash = after.kept;
    outcome.differsAfterCrash = after.differs;
    say(
      `${name}: ${label(contestant)} read ${outcome.rowsReadAgain} rows again, ${after.differs || 'equal'} (${read} without a crash)`,
    );
  };

  const outcomes = contestants.map((contestant) => {
    const { name: who, version, mode } = contestant;
    const outcome: Outcome = { case: name, name: who, version, mode, all: [] };
    return { contestant, outcome };
  });
  for (let round = 0; round < rounds; round++) {
    await psql('upsert');
    for (const { contestant, outcome } of outcomes) {
      if (outcome.error !== undefined) continue;
      await psql('copy');
      try {
        await load(contestant, outcome);
      } catch (error) {
        outcome.error = oneLine(error);
        say(`${name}: ${label(contestant)} FAILED: ${outcome.error}`);
      }
      await contestant.forget(table);
    }
  }
  const copySeconds = median(seconds.copy);
  for (const { outcome } of outcomes) {
    if (outcome.all.length === 0) continue;
    outcome.seconds = median(outcome.all);
    outcome.ratio = outcome.seconds / copySeconds;
  }
  return {
    case: name,
    rows,
    copySeconds,
    upsertSeconds: median(seconds.upsert),
    outcomes: outcomes.map(({ outcome }) => outcome),
  };
}

function label({ name, mode }: Contestant): string {
  return `${name} (${mode})`;
}

export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split('\n').at(-1) ?? message;
}
