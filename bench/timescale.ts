import { randomBytes } from 'node:crypto';
import { Database } from './database';
import { createSource, type Table } from './tables';

/** The embedded servers that the bench brings have no TimescaleDB of full speed; a native one is used where it is named. */
const VARIABLE = 'TIDEMARK_TEST_TIMESCALEDB_URL';

/** Why cases that need it cannot run; undefined where they can. */
export function timescaleMissing(): string | undefined {
  return process.env[VARIABLE] === undefined ? `needs a native TimescaleDB, named by ${VARIABLE}` : undefined;
}

/** Runs `work` with a database of its own on the native TimescaleDB. */
export async function withTimescale<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const url = new URL(process.env[VARIABLE] ?? '');
  const server = {
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  const root = new Database(server, url.pathname.slice(1) || 'postgres');
  const name = `tidemark_bench_${randomBytes(4).toString('hex')}`;
  await root.run(`CREATE DATABASE ${name}`);
  try {
    const database = new Database(server, name);
    await database.run('CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public');
    return await work(database);
  } finally {
    await root.run(`DROP DATABASE ${name} WITH (FORCE)`);
  }
}

/** Makes the table a hypertable whose chunks are all compressed. */
export async function createCompressed(
  source: Database,
  table: Table,
  rows: number,
  { chunk, segmentBy }: { chunk: string; segmentBy: string },
): Promise<void> {
  await createSource(source, table, rows);
  await source.run(
    `SELECT public.create_hypertable('${table.name}', '${table.cursor}', chunk_time_interval => interval '${chunk}',
       migrate_data => true, create_default_indexes => false);
     ALTER TABLE ${table.name} SET (timescaledb.compress, timescaledb.compress_segmentby = '${segmentBy}')`,
  );
  await source.run(`SELECT public.compress_chunk(c) FROM public.show_chunks('${table.name}') c`);
  await source.run(`VACUUM (ANALYZE) ${table.name}`);
}
