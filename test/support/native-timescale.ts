import { NATIVE_TIMESCALE } from './servers';
import { createDatabase, type TestDatabase, type TestServer } from './database';

/*
 * A native TimescaleDB, for what embedded TimescaleDB cannot show: several sessions, and being written to by COPY. The
 * variable holds a URL of a role that may create databases and extensions; the databases made there are dropped again.
 */

/** describe, where a native TimescaleDB is named; elsewhere its tests are skipped, and counted so. */
export const describeNative = process.env[NATIVE_TIMESCALE] === undefined ? describe.skip : describe;

/** A fresh database with the extension in it, and `vector` where the server has that. The caller drops it. */
export async function createTimescaleDatabase(): Promise<TestDatabase> {
  const database = await createDatabase(nativeServer());
  await database.query('CREATE EXTENSION IF NOT EXISTS timescaledb');
  const { rows } = await database.query(`SELECT FROM pg_available_extensions WHERE name = 'vector'`);
  if (rows.length > 0) await database.query('CREATE EXTENSION IF NOT EXISTS vector');
  return database;
}

function nativeServer(): TestServer {
  const url = new URL(process.env[NATIVE_TIMESCALE] ?? '');
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}
