import type { Pool } from 'pg';
import { createPool, SOURCE_APPLICATION } from '../../src/postgres/pool';
import { withClient } from '../../src/postgres/with-client';
import { longStatement } from '../../src/postgres/long-statement';
import { isPinned, SESSION } from '../../src/postgres/pinned-settings';
import { until } from '../support/poll';
import { startProxy } from '../support/proxy';
import { createDatabase } from '../support/database';

const options = { applicationName: SOURCE_APPLICATION, readOnly: true, idleInTransactionTimeoutMs: 10_000 };
let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;

beforeAll(async () => (database = await createDatabase()));
afterEach(() => pool.end());
afterAll(() => database.drop());

test('values arrive as text, whatever the database is set to', async () => {
  const name = database.endpoint.database;
  await database.query(`ALTER DATABASE ${name} SET datestyle = 'SQL, DMY'`);
  await database.query(`ALTER DATABASE ${name} SET timezone = 'Asia/Tokyo'`);
  await database.query(`ALTER DATABASE ${name} SET bytea_output = 'escape'`);
  await database.query(`ALTER DATABASE ${name} SET extra_float_digits = -5`);
  await database.query(`ALTER DATABASE ${name} SET intervalstyle = 'iso_8601'`);
  pool = createPool(database.endpoint, options);
  const { rows } = await withClient(pool, undefined, (client) =>
    client.query(`SELECT '2025-03-04 05:06:07.000008+00'::timestamptz AS a, '\\x00ff'::bytea AS b, 0.1::float8 + 0.2 AS c,
                  '1 day'::interval AS d, '9007199254740993'::int8 AS e, true AS f, '{"a":1}'::json AS g, '{1,NULL}'::int[] AS h,
                  NULL::int AS i, 'infinity'::date AS j`),
  );
  expect(rows).toEqual([
    {
      a: '2025-03-04 05:06:07.000008+00',
      b: '\\x00ff',
      c: '0.30000000000000004',
      d: '1 day',
      e: '9007199254740993',
      f: 't',
      g: '{"a":1}',
      h: '{1,NULL}',
      i: null,
      j: 'infinity',
    },
  ]);
});

test('a session that was not prepared for us shows, as where a pooler gives each transaction another one', async () => {
  pool = createPool(database.endpoint, options);
  await withClient(pool, undefined, async (client) => {
    const isOurs = async () =>
      isPinned(
        client,
        (await client.query<{ session: string }>(`SELECT ${SESSION} AS session`)).rows[0]?.session,
      );
    expect(await isOurs()).toBe(true);
    // What a pooler does before it gives a session to somebody else.
    await client.query('DISCARD ALL');
    expect(await isOurs()).toBe(false);
  });
});

test('a read-only pool refuses to write', async () => {
  pool = createPool(database.endpoint, options);
  await expect(
    withClient(pool, undefined, (client) => client.query('CREATE TABLE public.t ()')),
  ).rejects.toMatchObject({ code: '25006' });
});

test('waiting for a free session outlasts the connect timeout, and never takes more than maxConnections', async () => {
  pool = createPool({ ...database.endpoint, maxConnections: 2, connectTimeoutMs: 2_000 }, options);
  const counts = await Promise.all(
    Array.from({ length: 6 }, () =>
      withClient(pool, undefined, async (client) => {
        await client.query('SELECT pg_sleep(1.1)');
        const { rows } = await client.query<{ n: string }>(
          'SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
          [SOURCE_APPLICATION],
        );
        return Number(rows[0]?.n);
      }),
    ),
  );
  expect(Math.max(...counts)).toBe(2);
});

test('an unused session is given back to the server soon', async () => {
  pool = createPool(database.endpoint, options);
  await withClient(pool, undefined, (client) => client.query('SELECT 1'));
  const sessions = () =>
    database.query(
      `SELECT FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()`,
      [SOURCE_APPLICATION],
    );
  await until(async () => (await sessions()).rowCount === 0, { what: 'the end of an unused session' });
});

test('a long statement whose answer is lost on a half-open connection ends, one that the server works on does not', async () => {
  const proxy = await startProxy(database.endpoint);
  pool = createPool({ ...database.endpoint, port: proxy.port }, options);
  const run = (sql: string) => withClient(pool, undefined, (client) => client.query(longStatement(sql)));
  await database.query('SELECT pg_advisory_lock(1)');
  const slow = run('SELECT pg_sleep(14)');
  await until(() => proxy.links.length === 1);
  const lost = expect(run('SELECT pg_advisory_lock(1)')).rejects.toMatchObject({ code: 'STALLED' });
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await until(async () => (await database.query(waiting)).rows.length > 0);
  proxy.links[1]?.freeze();
  await database.query('SELECT pg_advisory_unlock(1)');
  await lost;
  expect((await slow).rows).toHaveLength(1);
  await proxy.close();
});
