import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Pool } from 'pg';
import { createPool } from '../../src/postgres/pool';
import { withClient } from '../../src/postgres/with-client';
import { until } from '../support/poll';
import { createDatabase } from '../support/database';

const options = { applicationName: 'tidemark test', readOnly: false, idleInTransactionTimeoutMs: 60_000 };
let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await createDatabase();
  await database.query('CREATE TABLE t (id int PRIMARY KEY)');
});
beforeEach(() => (pool = createPool(database.endpoint, options)));
afterEach(() => pool.end());
afterAll(() => database.drop());

const running = async (text: string) =>
  (
    await database.query(
      `SELECT FROM pg_stat_activity WHERE query = $1 AND state = 'active' AND datname = current_database()`,
      [text],
    )
  ).rowCount !== 0;

test('abort cancels the query at the server, rolls back, and throws the reason', async () => {
  const abort = new AbortController();
  const work = withClient(pool, abort.signal, async (client) => {
    await client.query('BEGIN');
    await client.query('INSERT INTO public.t VALUES (1)');
    await client.query('SELECT pg_sleep(100)');
    await client.query('COMMIT');
  });
  await until(() => running('SELECT pg_sleep(100)'));
  abort.abort(new Error('stop'));
  await expect(work).rejects.toThrow('stop');
  expect(await running('SELECT pg_sleep(100)')).toBe(false);
  // Its lock is gone as well: the same key goes in at once.
  await database.query('INSERT INTO t VALUES (1)');
  await database.query('DELETE FROM t');
});

test('abort ends the wait for a free session', async () => {
  const small = createPool({ ...database.endpoint, maxConnections: 1 }, options);
  let release = () => {};
  let taken = () => {};
  const isTaken = new Promise<void>((resolve) => (taken = resolve));
  const holder = withClient(
    small,
    undefined,
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
        taken();
      }),
  );
  await isTaken;
  const abort = new AbortController();
  const waiting = withClient(small, abort.signal, (client) => client.query('SELECT 1'));
  abort.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  release();
  await holder;
  // The place in the queue is given back too.
  await withClient(small, undefined, (client) => client.query('SELECT 1'));
  await small.end();
});

test('a failure within a transaction leaves a session that can be used', async () => {
  const pids: string[] = [];
  const failing = withClient(pool, undefined, async (client) => {
    pids.push((await client.query<{ pid: string }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? '');
    await client.query('BEGIN');
    await client.query('INSERT INTO public.t VALUES (2), (2)');
  });
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  await withClient(pool, undefined, async (client) => {
    pids.push((await client.query<{ pid: string }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? '');
    await client.query('INSERT INTO public.t VALUES (2)');
  });
  expect(pids[1]).toBe(pids[0]);
});

test('a session that is ended between two queries says so with its SQLSTATE, and the pool goes on', async () => {
  const work = withClient(pool, undefined, async (client) => {
    const { rows } = await client.query<{ pid: string }>('SELECT pg_backend_pid() AS pid');
    const ended = new Promise((resolve) => client.once('end', resolve));
    await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await ended;
    await client.query('SELECT 1');
  });
  await expect(work).rejects.toMatchObject({ code: '57P01' });
  await withClient(pool, undefined, (client) => client.query('SELECT 1'));
});

test('giving a session back within a transaction is an error', async () => {
  await expect(withClient(pool, undefined, (client) => client.query('BEGIN'))).rejects.toThrow(
    'in the middle',
  );
});

test('a connection that falls silent is given up after the query timeout', async () => {
  const proxy = await silentProxy(database.endpoint.port);
  const slow = createPool({ ...database.endpoint, port: proxy.port, queryTimeoutMs: 2_000 }, options);
  const work = withClient(slow, undefined, async (client) => {
    await client.query('SELECT 1');
    proxy.silence();
    await client.query('SELECT 2');
  });
  await expect(work).rejects.toThrow('Query read timeout');
  await slow.end();
  proxy.close();
});

test('a connection lost while its settings are pinned fails that call alone', async () => {
  const proxy = createServer((inside) => {
    const outside = connect(database.endpoint.port, '127.0.0.1');
    let ready = false;
    outside.on('data', (data) => {
      inside.write(data);
      // ReadyForQuery, idle: the session is there.
      ready ||= data.includes(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]));
    });
    inside.on('data', (data) => (ready ? inside.destroy() : outside.write(data)));
    inside.on('close', () => outside.destroy()).on('error', () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const broken = createPool({ ...database.endpoint, port }, options);
  await expect(withClient(broken, undefined, (client) => client.query('SELECT 1'))).rejects.toThrow(
    /terminated/,
  );
  await broken.end();
  proxy.close();
});

async function silentProxy(target: number) {
  const sockets: Socket[] = [];
  const server: Server = createServer((inside) => {
    const outside = connect(target, '127.0.0.1');
    sockets.push(inside, outside);
    inside
      .on('error', () => {})
      .pipe(outside)
      .on('error', () => {})
      .pipe(inside);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    silence: () => sockets.forEach((socket) => socket.unpipe().pause()),
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}
