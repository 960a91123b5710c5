import { expectEqual } from './database';
import { all, megabytes } from './goals';
import { median } from './median';
import { peakMemory } from './memory';
import {
  type Bench,
  comparison,
  forget,
  type Goal,
  measure,
  type Result,
  startWorker,
  timed,
} from './measure';
import { createSource, sensors } from './tables';

const FEW = 1_000_000;
const MANY = 10_000_000;
const MOST_MEGABYTES = 350;

/** Ten times as many rows: their time as a multiple of that of the tenth, and the worker's memory. */
export async function growth(bench: Bench, name: string, most: number): Promise<Result> {
  const { source, destination } = bench.environment;
  const few = { ...sensors, name: 'public.sensor_data_few' };
  for (const [table, rows] of [
    [few, FEW],
    [sensors, MANY],
  ] as const) {
    await source.run(`DROP TABLE IF EXISTS ${table.name}`);
    await createSource(source, table, rows);
  }
  const worker = await startWorker(bench, name, [few, sensors]);
  const load = async (table: typeof sensors): Promise<number> => {
    await forget(destination, table);
    const seconds = await timed(destination, () => worker.sync([table.name]));
    await expectEqual(source, destination, comparison(table, table.name));
    return seconds;
  };
  const ofFew: number[] = [];
  const grown: Goal = {
    goal: `at most ${most} times the time of ${FEW.toLocaleString('en-US')} rows`,
    met: ({ tidemarkSeconds }) => tidemarkSeconds / median(ofFew) <= most,
  };
  try {
    const result = await measure(bench, name, {
      rows: MANY,
      ways: {
        tidemark: async () => {
          ofFew.push(await load(few));
          return load(sensors);
        },
      },
      goal: all(grown, megabytes(MOST_MEGABYTES)),
      peak: () => peakMemory(worker.pid),
    });
    const ratio = result.tidemarkSeconds / median(ofFew);
    bench.say(`${name}: ${ratio.toFixed(2)} times the time of ${FEW.toLocaleString('en-US')} rows`);
    return { ...result, ratio };
  } finally {
    await worker.stop();
    for (const { name: table } of [few, sensors]) await source.run(`DROP TABLE ${table}`);
  }
}
