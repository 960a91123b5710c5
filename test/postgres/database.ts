import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { Endpoint } from '../../src/postgres/endpoint';

/** A database of its own on the test server, and a superuser's session in it. */
export async function createDatabase() {
  const server = { host: '127.0.0.1', port: Number(process.env.TEST_PG_PORT ?? 54991), user: 'postgres', password: 'postgres' };
  const database = `t_${randomBytes(6).toString('hex')}`;
  const admin = new Client({ ...server, database: 'postgres' });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${database}`);
  const session = new Client({ ...server, database });
  await session.connect();
  const endpoint: Endpoint = {
    host: server.host,
    port: server.port,
    database,
    username: server.user,
    password: server.password,
    tls: false,
    maxConnections: 4,
    connectTimeoutMs: 2_000,
    queryTimeoutMs: 20_000,
  };
  return {
    endpoint,
    query: (text: string, values: unknown[] = []) => session.query(text, values),
    drop: async () => {
      await session.end();
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
    },
  };
}
