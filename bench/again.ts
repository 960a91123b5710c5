import { expectEqual } from './database';
import { ofUpsert } from './goals';
import { peakMemory } from './memory';
import {
  type Bench,
  comparison,
  forget,
  measure,
  type Result,
  startWorker,
  timed,
  type Ways,
} from './measure';
import { copyAndUpsert, copyStraight } from './psql';
import { createSource, createTarget, sensors } from './tables';

const ROWS = 1_000_000;
const TARGET = 'public.again_by_psql';

/** A million rows that are at the destination already, read again by a lookback over all of them. */
export async function again(bench: Bench, name: string, change: boolean, most: number): Promise<Result> {
  const { source, destination } = bench.environment;
  await source.run(`DROP TABLE IF EXISTS ${sensors.name}`);
  await createSource(source, sensors, ROWS);
  await forget(destination, sensors);
  await createTarget(destination, sensors, TARGET);
  const pipe = { source, destination, table: sensors, target: TARGET };
  await copyStraight(pipe);
  const worker = await startWorker(bench, name, [sensors], { lookback: '365 days' });
  try {
    await worker.sync([sensors.name]);
    const before = async (): Promise<void> => {
      if (change) await source.run(`UPDATE ${sensors.name} SET temperature = temperature + 1`);
      // What earlier rounds left behind is nobody's to pay for.
      await source.run(`VACUUM (ANALYZE) ${sensors.name}`);
      for (const table of [sensors.name, TARGET]) await destination.run(`VACUUM (ANALYZE) ${table}`);
    };
    const checked = async (copied: string, copy: () => Promise<number>): Promise<number> => {
      const seconds = await timed(destination, copy);
      await expectEqual(source, destination, comparison(sensors, copied));
      return seconds;
    };
    const ways: Pick<Ways, 'tidemark' | 'upsert'> = {
      upsert: () => checked(TARGET, () => copyAndUpsert(pipe)),
      tidemark: () => checked(sensors.name, () => worker.sync([sensors.name])),
    };
    const goal = ofUpsert(most);
    return await measure(bench, name, { rows: ROWS, ways, before, goal, peak: () => peakMemory(worker.pid) });
  } finally {
    await worker.stop();
  }
}
