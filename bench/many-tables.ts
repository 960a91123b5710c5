import type { Database } from './database';
import { describeCost } from './cost';
import { peakMemory } from './memory';
import { type Bench, measure, type Result, timed } from './measure';

const TABLES = 2_000;
const ROWS = 10;
/** One transaction holds a lock for each table and index that it makes, and the server's are few. */
const AT_ONCE = 200;
const MILLISECONDS_PER_TABLE = 10;
/** Most of a small table's time is waiting for Temporal, so that more of them than there are cores go on at once. */
const LANES = { maxConnections: 8, parallelism: { tables: 8, intervals: 1 } };

/** Two thousand small tables, each into nothing. */
export function manyFirstLoad(bench: Bench, name: string): Promise<Result> {
  return withTables(bench, name, async (sync, peak) => {
    const { source, destination } = bench.environment;
    const tidemark = async (): Promise<number> => {
      await dropTables(destination);
      await destination.run('DROP SCHEMA IF EXISTS tidemark CASCADE');
      const seconds = await timed(destination, sync);
      await expectCounts(source, destination);
      return seconds;
    };
    return measure(bench, name, {
      rows: TABLES * ROWS,
      ways: { tidemark },
      goal: { goal: 'none', met: () => true },
      peak,
    });
  });
}

/** The same, with nothing to copy. */
export function manyNothingNew(bench: Bench, name: string): Promise<Result> {
  return withTables(bench, name, async (sync, peak) => {
    await sync();
    return measure(bench, name, {
      rows: 0,
      ways: { tidemark: () => timed(bench.environment.destination, sync) },
      goal: {
        goal: `at most ${MILLISECONDS_PER_TABLE} ms a table`,
        met: ({ tidemarkSeconds }) => tidemarkSeconds * 1000 <= TABLES * MILLISECONDS_PER_TABLE,
      },
      peak,
    });
  });
}

async function withTables(
  bench: Bench,
  name: string,
  work: (sync: () => Promise<number>, peak: () => number | undefined) => Promise<Result>,
): Promise<Result> {
  const { source, destination, startWorker } = bench.environment;
  await dropTables(source);
  await dropTables(destination);
  await destination.run('DROP SCHEMA IF EXISTS tidemark CASCADE');
  await source.run('CREATE SCHEMA IF NOT EXISTS many');
  for (let first = 0; first < TABLES; first += AT_ONCE) await source.run(createTables(first));
  await source.run('VACUUM (ANALYZE)');
  const tables = [{ name: 'many.*', cursor: 'at' }];
  const worker = await startWorker(name.replace('/', '-'), tables, source, LANES);
  try {
    return await work(
      async () => {
        const seconds = await worker.sync();
        bench.say(`${name}: ${((seconds * 1000) / TABLES).toFixed(2)} ms a table`);
        bench.say(`${name}: ${describeCost(await worker.cost())}`);
        return seconds;
      },
      () => peakMemory(worker.pid),
    );
  } finally {
    await worker.stop();
    await dropTables(source);
    await dropTables(destination);
  }
}

function createTables(first: number): string {
  return `DO $$ BEGIN
    FOR n IN ${first} .. ${first + AT_ONCE - 1} LOOP
      EXECUTE format('CREATE TABLE many.%I (id int PRIMARY KEY, at timestamptz NOT NULL, value float8)', 't' || to_char(n, 'FM0000'));
      EXECUTE format('INSERT INTO many.%I SELECT i, timestamptz ''2026-01-01+00'' + i * interval ''1 s'', i FROM generate_series(1, ${ROWS}) i', 't' || to_char(n, 'FM0000'));
      EXECUTE format('CREATE INDEX ON many.%I (at)', 't' || to_char(n, 'FM0000'));
    END LOOP;
  END $$`;
}

async function dropTables(database: Database): Promise<void> {
  let left = TABLES;
  while (left > 0) {
    await database.run(`DO $$ DECLARE t text; BEGIN
      FOR t IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'many' LIMIT ${AT_ONCE} LOOP
        EXECUTE 'DROP TABLE ' || t;
      END LOOP;
    END $$`);
    left = Number((await database.run(`SELECT count(*) FROM pg_tables WHERE schemaname = 'many'`))[0]);
  }
}

/** @throws where the tables do not hold the same rows, all of them taken together */
async function expectCounts(source: Database, destination: Database): Promise<void> {
  const [left, right] = await Promise.all([contents(source), contents(destination)]);
  if (left !== right) throw new Error(`the destination holds ${right}, the source ${left}`);
}

async function contents(database: Database): Promise<string> {
  const hashes: string[] = [];
  for (let first = 0; first < TABLES; first += AT_ONCE) {
    const selects = Array.from({ length: AT_ONCE }, (_, index) => {
      const table = `many.t${String(first + index).padStart(4, '0')}`;
      return `SELECT ${first + index} AS n, count(*) AS rows, sum(hashtextextended(t::text, ${first + index})) AS hash FROM ${table} t`;
    });
    const [rows = '', hash = ''] = await database.run(
      `SELECT sum(rows), sum(hash) FROM (${selects.join(' UNION ALL ')}) all_tables`,
    );
    hashes.push(`${rows} rows, hash ${hash}`);
  }
  return hashes.join('; ');
}
