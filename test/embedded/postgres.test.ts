import path from 'node:path';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { startPostgres, type PostgresServer } from '../../src/embedded/postgres';
import { connectText } from '../support/database';

let server: PostgresServer;
const query = async (sql: string) => {
  const client = await connectText({ connectionString: server.url });
  try {
    return (await client.query<Record<string, string>>(sql)).rows;
  } finally {
    await client.end();
  }
};

beforeAll(async () => {
  server = await startPostgres({ folder: path.join(temporaryFolder(), 'postgres'), durable: false });
});
afterAll(() => server.stop());

test('a killed server comes back on the same port with all that was committed', async () => {
  const { pid } = server;
  await query('CREATE TABLE t AS SELECT 1 AS n');
  const session = await connectText({ connectionString: server.url });
  await server.kill('SIGKILL');
  await server.restart();
  expect(server.pid).not.toBe(pid);
  expect(await query('SELECT n FROM t')).toEqual([{ n: '1' }]);
  await expect(session.query('SELECT 1')).rejects.toThrow();
});

test('it restarts in order while sessions are open', async () => {
  const session = await connectText({ connectionString: server.url });
  await session.query('BEGIN');
  await server.restart();
  await expect(session.query('SELECT 1')).rejects.toThrow();
  expect(await query('SHOW max_prepared_transactions')).toEqual([{ max_prepared_transactions: '10' }]);
});

test('it asks for the password', async () => {
  const wrong = { host: server.host, port: server.port, user: server.user, password: 'wrong' };
  await expect(connectText(wrong)).rejects.toMatchObject({ code: '28P01' });
});

test('a folder that another server uses is refused, with the end of the log', async () => {
  const folder = path.join(temporaryFolder(), 'postgres');
  const first = await startPostgres({ folder, durable: false });
  try {
    await expect(startPostgres({ folder, durable: false })).rejects.toThrow(/did not start.*lock file/s);
  } finally {
    await first.stop();
  }
});
