import type { Client, ClientConfig, Pool } from 'pg';
import { parseCursorValue } from '../../src/plan/cursor-value';
import { createPool, SOURCE_APPLICATION } from '../../src/postgres/pool';
import { withClient } from '../../src/postgres/with-client';
import { earliestLocalTime, type HorizonRequest, readHorizon } from '../../src/source/read-horizon';
import { observeInteger } from '../../src/source/observe-integer';
import { createDatabase } from '../support/database';

const options = { applicationName: SOURCE_APPLICATION, readOnly: true, idleInTransactionTimeoutMs: 10_000 };
let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool(database.endpoint, options);
  await database.query('CREATE TABLE t (id bigint PRIMARY KEY, at timestamptz DEFAULT now())');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const horizon = (request: Partial<HorizonRequest> = {}, from = pool) =>
  withClient(from, undefined, (client) =>
    readHorizon(client, { kind: 'timestamptz', settleDelayMs: 0, ...request }),
  );

const session = (change: ClientConfig = {}) => database.connect(change);

/** The start of a client's transaction, in microseconds. */
async function begin(client: Client): Promise<bigint> {
  await client.query('BEGIN');
  await client.query(`SET LOCAL timezone = 'UTC'`);
  const { rows } = await client.query<{ now: string }>('SELECT now()::text AS now');
  return parseCursorValue('timestamptz', rows[0]?.now ?? '');
}

test('with nothing open, the settle delay alone', async () => {
  const found = await horizon({ settleDelayMs: 5_000 });
  expect(found).toMatchObject({ bounded: false, isStandby: false, horizon: found.serverTime - 5_000_000n });
  expect(found.heldBackBy).toBeUndefined();
});

test('its clock is read before the sessions are: one that begins a transaction meanwhile does so later', async () => {
  const [arrived, found] = await withClient(pool, undefined, async (client) => {
    const horizonFound = await readHorizon(client, { kind: 'timestamptz', settleDelayMs: 0 });
    const pid = (client as unknown as Client & { processID: number }).processID;
    const { rows } = await database.query(
      `SELECT (query_start AT TIME ZONE 'UTC')::text AS arrived FROM pg_stat_activity WHERE pid = $1`,
      [pid],
    );
    return [parseCursorValue('timestamp', rows[0]?.arrived ?? ''), horizonFound] as const;
  });
  expect(found.serverTime <= arrived).toBe(true);
});

test('an open transaction holds it, without an xid too', async () => {
  const other = await session({ application_name: 'writer' });
  const start = await begin(other);
  const found = await horizon();
  await other.query('INSERT INTO t VALUES (1)');
  await other.query('COMMIT');
  const { rows } = await database.query(
    `SELECT (extract(epoch FROM at) * 1000000)::bigint AS at FROM t WHERE id = 1`,
  );
  await other.end();
  expect(found).toMatchObject({
    horizon: start,
    bounded: false,
    heldBackBy: { what: 'transaction', application: 'writer' },
  });
  expect(found.horizon <= BigInt(rows[0]?.at ?? '0')).toBe(true);
  expect((await horizon()).heldBackBy).toBeUndefined();
});

test('our own sessions and other databases do not hold it', async () => {
  const own = await session({ application_name: `${SOURCE_APPLICATION} x` });
  const elsewhere = await session({ database: 'postgres' });
  await begin(own);
  await begin(elsewhere);
  const found = await horizon();
  await Promise.all([own.end(), elsewhere.end()]);
  expect(found.heldBackBy).toBeUndefined();
});

test('a prepared transaction holds it, from before its rows', async () => {
  const other = await session();
  const start = await begin(other);
  await other.query('INSERT INTO t VALUES (2)');
  await other.query(`PREPARE TRANSACTION '${database.endpoint.database}'`);
  await other.end();
  const found = await horizon();
  await database.query(`COMMIT PREPARED '${database.endpoint.database}'`);
  expect(found).toMatchObject({ bounded: true, heldBackBy: { what: 'prepared transaction' } });
  expect(found.horizon <= start).toBe(true);
  expect((await horizon()).heldBackBy).toBeUndefined();
});

test("a role that cannot see others' transactions does not take them for none", async () => {
  const role = `${database.endpoint.database}_weak`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'weak'`);
  const weak = createPool({ ...database.endpoint, username: role, password: 'weak' }, options);
  const other = await session();
  await begin(other);
  const hidden = await horizon({}, weak);
  await database.query(`GRANT pg_read_all_stats TO ${role}`);
  const seen = await horizon({}, weak);
  await other.end();
  await weak.end();
  await database.query(`DROP ROLE ${role}`);
  expect(hidden).toMatchObject({
    bounded: true,
    unknown: expect.stringContaining('pg_read_all_stats') as string,
  });
  expect(seen).toMatchObject({ bounded: false, heldBackBy: { what: 'transaction' } });
});

test('local times: the earliest of UTC and the zones of the server and its roles', async () => {
  await database.query(`ALTER DATABASE ${database.endpoint.database} SET timezone = 'America/New_York'`);
  const fresh = createPool(database.endpoint, options);
  const found = await horizon({ kind: 'timestamp' }, fresh);
  await fresh.end();
  await database.query(`ALTER DATABASE ${database.endpoint.database} RESET timezone`);
  const behind = Number(found.serverTime - found.horizon) / 3.6e9;
  expect([4, 5]).toContain(Math.round(behind));
  const tokyo = await horizon({ kind: 'timestamp', timeZone: 'Asia/Tokyo' });
  expect(tokyo.horizon - tokyo.serverTime).toBe(9n * 3_600_000_000n);
});

test.each([
  ['timezone TO -5', 5],
  [`TIME ZONE INTERVAL '-07:30' HOUR TO MINUTE`, 7.5],
  [`timezone TO '<-03>+03'`, 3],
])('local times: a role whose zone is set as an offset (%s)', async (zone, hours) => {
  const { database: name } = database.endpoint;
  await database.query(`CREATE ROLE far_${name}; ALTER ROLE far_${name} IN DATABASE ${name} SET ${zone}`);
  const found = await horizon({ kind: 'timestamp' });
  await database.query(`DROP ROLE far_${name}`);
  expect(Number(found.serverTime - found.horizon) / 3.6e9).toBeCloseTo(hours, 1);
});

test('local times: it waits while clocks are put back', async () => {
  // On 26 October 2025, Berlin went from 03:00 CEST (01:00 UTC) back to 02:00 CET.
  const at = (instant: string) =>
    withClient(pool, undefined, async (client) =>
      earliestLocalTime(client, parseCursorValue('timestamptz', instant), 'Europe/Berlin'),
    );
  const local = (text: string) => parseCursorValue('timestamp', text);
  expect(await at('2025-10-25 23:30:00+00')).toBe(local('2025-10-26 01:30:00'));
  expect(await at('2025-10-26 00:10:00+00')).toBe(local('2025-10-26 02:00:00'));
  expect(await at('2025-10-26 00:59:59.999999+00')).toBe(local('2025-10-26 02:00:00'));
  expect(await at('2025-10-26 01:10:00+00')).toBe(local('2025-10-26 02:10:00'));
  // And forward in spring: nothing to wait for.
  expect(await at('2025-03-30 00:50:00+00')).toBe(local('2025-03-30 01:50:00'));
});

test('a date is over when it is over everywhere', async () => {
  const { horizon: days, serverTime } = await horizon({ kind: 'date' });
  expect(days).toBe((serverTime - 43_200_000_000n) / 86_400_000_000n);
});

test('an integer column: the maximum, and the transactions that were open when it was seen', async () => {
  const other = await session();
  const start = await begin(other);
  await other.query('INSERT INTO t VALUES (5)');
  await database.query('INSERT INTO t VALUES (7)');
  const cursor = { table: { schema: 'public', name: 't' }, column: 'id', kind: 'bigint' as const };
  const seen = await withClient(pool, undefined, (client) => observeInteger(client, cursor));
  await other.end();
  expect(seen).toMatchObject({ maximum: 7n, oldestOpen: { since: start }, unknown: undefined });
  expect(seen.at > start).toBe(true);
});
