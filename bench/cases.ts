import { again } from './again';
import { tenThousandChunks } from './chunks';
import { describeCost } from './cost';
import { type Database, expectEqual } from './database';
import { megabytes, ofCopy, seconds } from './goals';
import { growth } from './growth';
import { manyFirstLoad, manyNothingNew } from './many-tables';
import { peakMemory } from './memory';
import {
  type Bench,
  type Case,
  comparison,
  forget,
  type Goal,
  measure,
  type Result,
  startWorker,
  timed,
  type Ways,
} from './measure';
import { copyAndUpsert, copyStraight } from './psql';
import { verify } from './verify';
import { createCompressed, timescaleMissing, withTimescale } from './timescale';
import {
  createSource,
  createTarget,
  documents,
  embeddings,
  sensors,
  type Table,
  vectorTypeOf,
} from './tables';
import { workerStart } from './worker-start';

const SENSOR_ROWS = 1_000_000;
const EMBEDDING_ROWS = 20_000;
const NEW_ROWS = 10_000;
const DOCUMENT_ROWS = 1_000;
const COMPRESSED_ROWS = 1_500_000;
const MOST_MEGABYTES = 350;
const WIDE = 1536;

export const cases: Case[] = [
  {
    name: 'sensors/first-load',
    run: (bench, name) => firstLoad(bench, name, sensors, SENSOR_ROWS, ofCopy(1)),
  },
  {
    name: 'embeddings/first-load',
    run: async (bench, name) => {
      const vectorType = await vectorTypeOf(bench.environment.source);
      if (vectorType.endsWith('[]'))
        bench.say(`${name}: this server has no pgvector, so the vectors are ${vectorType}`);
      return firstLoad(bench, name, embeddings(vectorType), EMBEDDING_ROWS, ofCopy(0.6));
    },
  },
  { name: 'sensors/again-changed', run: (bench, name) => again(bench, name, true, 1) },
  { name: 'sensors/again-unchanged', run: (bench, name) => again(bench, name, false, 0.7) },
  { name: 'sensors/ten-thousand-new', run: tenThousandNew },
  { name: 'sensors/nothing-new', run: nothingNew },
  { name: 'hypertable/compressed-read', run: compressedRead, unavailable: timescaleMissing },
  { name: 'sensors/verify', run: verify },
  { name: 'tables/2000-first-load', run: manyFirstLoad },
  { name: 'tables/2000-nothing-new', run: manyNothingNew },
  { name: 'chunks/10000', run: tenThousandChunks, unavailable: timescaleMissing },
  { name: 'worker/start', run: (bench, name) => workerStart(bench, name, 1.5) },
  { name: 'sensors/ten-million', run: (bench, name) => growth(bench, name, 10.5) },
  { name: 'embeddings/memory', run: wideVectors },
  { name: 'json/memory', run: (bench, name) => hugeRows(bench, name, 'binary') },
  { name: 'json/memory-text', run: (bench, name) => hugeRows(bench, name, 'text') },
];

/** Vectors of 1,536 float4, as models of embeddings give them. */
async function wideVectors(bench: Bench, name: string): Promise<Result> {
  const wide = embeddings(await vectorTypeOf(bench.environment.source, WIDE), WIDE);
  return firstLoad(bench, name, wide, EMBEDDING_ROWS, megabytes(MOST_MEGABYTES));
}

/** A million and a half rows in eight compressed chunks, into a plain table with a key. */
function compressedRead(bench: Bench, name: string): Promise<Result> {
  return withTimescale(async (source) => {
    await createCompressed(source, sensors, COMPRESSED_ROWS, { chunk: '2 days', segmentBy: 'sensor_id' });
    return load(bench, name, { source, table: sensors, rows: COMPRESSED_ROWS, goal: ofCopy(1.2) });
  });
}

async function firstLoad(
  bench: Bench,
  name: string,
  table: Table,
  rows: number,
  goal: Goal,
): Promise<Result> {
  const { source } = bench.environment;
  await source.run(`DROP TABLE IF EXISTS ${table.name}`);
  await createSource(source, table, rows);
  return load(bench, name, { source, table, rows, goal });
}

/** Copies a table that is there. */
async function load(
  bench: Bench,
  name: string,
  { source, table, rows, goal }: { source: Database; table: Table; rows: number; goal: Goal },
): Promise<Result> {
  const { destination } = bench.environment;
  const worker = await startWorker(bench, name, [table], { source });
  const target = 'public.by_psql';
  const prepare = () => createTarget(destination, table, target);
  const pipe = { source, destination, table, target };
  const ways: Ways = {
    copy: async () => checked(prepare, () => copyStraight(pipe)),
    upsert: async () => checked(prepare, () => copyAndUpsert(pipe)),
    tidemark: async () => {
      await forget(destination, table);
      const taken = await timed(destination, () => worker.sync([table.name]));
      await equal(table, table.name);
      return taken;
    },
  };
  const equal = (copied: Table, to: string) => expectEqual(source, destination, comparison(copied, to));
  const checked = async (before: () => Promise<void>, copy: () => Promise<number>): Promise<number> => {
    await before();
    const taken = await timed(destination, copy);
    await equal(table, target);
    return taken;
  };
  try {
    const result = await measure(bench, name, { rows, ways, goal, peak: () => peakMemory(worker.pid) });
    bench.say(`${name}: ${describeCost(await worker.cost())}`);
    return result;
  } finally {
    await worker.stop();
  }
}

async function tenThousandNew(bench: Bench, name: string): Promise<Result> {
  const { source, destination } = bench.environment;
  const targets = { copy: 'public.new_by_copy', upsert: 'public.new_by_upsert' };
  await source.run(`DROP TABLE IF EXISTS ${sensors.name}`);
  await createSource(source, sensors, SENSOR_ROWS);
  await forget(destination, sensors);
  for (const target of Object.values(targets)) {
    await createTarget(destination, sensors, target);
    await copyStraight({ source, destination, table: sensors, target });
  }
  const worker = await startWorker(bench, name, [sensors]);
  try {
    await worker.sync([sensors.name]);
    let since = '';
    const before = async (): Promise<void> => {
      [since = ''] = await source.run(`SELECT max(time) FROM ${sensors.name}`);
      await source.run(
        `INSERT INTO ${sensors.name} SELECT now() - n * interval '1 us', n % 1000, random(), random()
         FROM generate_series(1, ${NEW_ROWS}) n`,
      );
    };
    const pipe = async (way: 'copy' | 'upsert'): Promise<number> => {
      const copy = { source, destination, table: sensors, target: targets[way], where: `time > '${since}'` };
      const taken = await timed(destination, () =>
        way === 'copy' ? copyStraight(copy) : copyAndUpsert(copy),
      );
      await expectEqual(source, destination, comparison(sensors, targets[way]));
      return taken;
    };
    const ways: Ways = {
      copy: () => pipe('copy'),
      upsert: () => pipe('upsert'),
      tidemark: async () => {
        const taken = await timed(destination, () => worker.sync([sensors.name]));
        await expectEqual(source, destination, comparison(sensors, sensors.name));
        return taken;
      },
    };
    return await measure(bench, name, {
      rows: NEW_ROWS,
      ways,
      before,
      goal: seconds(0.5),
      peak: () => peakMemory(worker.pid),
    });
  } finally {
    await worker.stop();
  }
}

async function nothingNew(bench: Bench, name: string): Promise<Result> {
  const { source, destination } = bench.environment;
  const tables = [sensors, embeddings(await vectorTypeOf(source))];
  for (const table of tables) {
    await source.run(`DROP TABLE IF EXISTS ${table.name}`);
    await createSource(source, table, table === sensors ? SENSOR_ROWS : EMBEDDING_ROWS);
    await forget(destination, table);
  }
  const names = tables.map((table) => table.name);
  const worker = await startWorker(bench, name, tables);
  try {
    await worker.sync(names);
    const tidemark = async (): Promise<number> => {
      const taken = await timed(destination, () => worker.sync(names));
      for (const table of tables) await expectEqual(source, destination, comparison(table, table.name));
      return taken;
    };
    return await measure(bench, name, {
      rows: 0,
      ways: { tidemark },
      goal: seconds(0.25),
      peak: () => peakMemory(worker.pid),
    });
  } finally {
    await worker.stop();
  }
}

/** Rows of 64 MB of JSON among small ones. Memory only ever grows, so a round is a worker of its own. */
async function hugeRows(bench: Bench, name: string, lane: 'binary' | 'text'): Promise<Result> {
  const { source, destination } = bench.environment;
  const table = documents(lane);
  await source.run(`DROP TABLE IF EXISTS ${table.name}; DROP TYPE IF EXISTS public.document_kind`);
  await source.run(`CREATE TYPE public.document_kind AS ENUM ('report', 'note')`);
  await createSource(source, table, DOCUMENT_ROWS);
  let peak: number | undefined;
  const tidemark = async (round: number): Promise<number> => {
    await forget(destination, table);
    const worker = await startWorker(bench, `${name}-${round}`, [table]);
    try {
      const taken = await timed(destination, () => worker.sync([table.name]));
      await expectEqual(source, destination, comparison(table, table.name));
      peak = Math.max(peak ?? 0, peakMemory(worker.pid) ?? NaN);
      return taken;
    } finally {
      await worker.stop();
    }
  };
  const goal = megabytes(MOST_MEGABYTES);
  return measure(bench, name, { rows: DOCUMENT_ROWS, ways: { tidemark }, goal, peak: () => peak });
}
