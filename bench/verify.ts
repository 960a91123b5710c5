import { peakMemory } from './memory';
import { type Bench, forget, measure, type Result, startWorker, timed, type Ways } from './measure';
import { countAndHash } from './psql';
import { createSource, sensors } from './tables';

const ROWS = 1_000_000;

/** `verify` of a million rows at both ends, beside psql's count and hash of both tables, one after the other. */
export async function verify(bench: Bench, name: string): Promise<Result> {
  const { source, destination } = bench.environment;
  await source.run(`DROP TABLE IF EXISTS ${sensors.name}`);
  await createSource(source, sensors, ROWS);
  await forget(destination, sensors);
  const worker = await startWorker(bench, name, [sensors]);
  try {
    await worker.sync([sensors.name]);
    const ways: Pick<Ways, 'tidemark' | 'copy'> = {
      tidemark: () => timed(destination, () => worker.verify([sensors.name])),
      copy: async () =>
        (await countAndHash(source, sensors.name)) + (await countAndHash(destination, sensors.name)),
    };
    const goal = {
      goal: "at most 1.5 of psql's count and hash of both",
      met: ({ ratio = NaN }: Omit<Result, 'met'>) => ratio <= 1.5,
    };
    return await measure(bench, name, { rows: ROWS, ways, goal, peak: () => peakMemory(worker.pid) });
  } finally {
    await worker.stop();
  }
}
