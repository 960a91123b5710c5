import { until } from '../support/poll';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* Range partitions of the cursor column, on plain PostgreSQL. */

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterAll(() => harness.stop());

async function partitions(table: string): Promise<string[]> {
  const { rows } = await harness.destination.query(
    `SELECT c.relname || ' ' || pg_get_expr(relpartbound, c.oid) AS part FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
     WHERE inhparent = $1::regclass ORDER BY 1`,
    [table],
  );
  return rows.map(
    ({ part }) => part?.replace(/FOR VALUES FROM \('?(.*?)'?\) TO \('?(.*?)'?\)/, '$1 $2') ?? '',
  );
}

it('are made where there are rows, and nowhere else', async () => {
  await harness.source.query(
    `CREATE TABLE events (id int, at timestamptz, note text, PRIMARY KEY (id, at));
     INSERT INTO events VALUES (1, '1999-12-31 23:59:59.999999+00', 'old'), (2, '2024-03-01 00:00+00', 'a'), (3, '2024-03-02 12:00+00', 'b'), (4, '2024-03-05 00:00+00', 'c')`,
  );
  const sync = await harness.configure({
    tables: [{ name: 'events', cursor: 'at', partitions: 'native', chunkInterval: '1 day' }],
  });
  await sync.copy();
  await harness.expectEqual('events');
  expect(await partitions('events')).toEqual([
    'events_p19991231 1999-12-31 00:00:00+00 2000-01-01 00:00:00+00',
    'events_p20240301 2024-03-01 00:00:00+00 2024-03-02 00:00:00+00',
    'events_p20240302 2024-03-02 00:00:00+00 2024-03-03 00:00:00+00',
    'events_p20240305 2024-03-05 00:00:00+00 2024-03-06 00:00:00+00',
  ]);
  const { rows } = await harness.destination.query(
    `SELECT indexdef FROM pg_indexes WHERE tablename = 'events' AND indexdef LIKE '%(at)'`,
  );
  expect(rows).toHaveLength(1);
  await harness.source.query(`INSERT INTO events VALUES (5, clock_timestamp(), 'new')`);
  await sync.copy();
  await harness.expectEqual('events');
  expect(await partitions('events')).toHaveLength(5);
});

it('are made by lanes that need the same at once', async () => {
  await harness.source.query(
    `CREATE TABLE busy (at timestamptz NOT NULL, v int);
     CREATE INDEX ON busy (at);
     INSERT INTO busy SELECT '2024-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(0, 19999) i;
     ANALYZE busy`,
  );
  const sync = await harness.configure({
    tables: [
      {
        name: 'busy',
        cursor: 'at',
        mode: 'append',
        partitions: 'native',
        chunkInterval: '12 h',
        batch: { rows: 300 },
      },
    ],
    parallelism: { intervals: 4 },
  });
  const { batches } = await sync.copy();
  expect(batches).toBeGreaterThan(50);
  await harness.expectEqual('busy');
  expect(await partitions('busy')).toHaveLength(28);
});

it('of integers and dates lie around zero as well', async () => {
  await harness.source.query(
    `CREATE TABLE numbers (n bigint PRIMARY KEY);
     INSERT INTO numbers VALUES (-9223372036854775808), (-1), (0), (9), (10), (9223372036854775807);
     CREATE TABLE dates (d date NOT NULL);
     INSERT INTO dates VALUES ('1969-12-31'), ('1970-01-01'), ('0044-03-15 BC'), ('2024-02-29')`,
  );
  const shared = { partitions: 'native', start: 'none' };
  const sync = await harness.configure({
    tables: [
      { name: 'numbers', cursor: 'n', chunkInterval: 10, ...shared },
      { name: 'dates', cursor: 'd', ...shared },
    ],
  });
  await sync.run();
  await sync.run();
  await harness.expectEqual('numbers', 'numbers', 'n');
  await harness.expectEqual('dates');
  expect(await partitions('numbers')).toEqual(
    expect.arrayContaining(['numbers_p0 0 10', 'numbers_p10 10 20', 'numbers_pm10 -10 0']),
  );
  expect(await partitions('dates')).toEqual([
    'dates_p00440314_bc 0044-03-14 BC 0044-03-21 BC',
    'dates_p19691225 1969-12-25 1970-01-01',
    'dates_p19700101 1970-01-01 1970-01-08',
    'dates_p20240229 2024-02-29 2024-03-07',
  ]);
});

it('of another width fill what is left, once that is configured', async () => {
  await harness.source.query(
    `CREATE TABLE widened (at timestamptz NOT NULL, v int); INSERT INTO widened VALUES ('2024-01-03', 1)`,
  );
  const name = 'sync-widened';
  const table = { name: 'widened', cursor: 'at', mode: 'replace', partitions: 'native' };
  await (await harness.configure({ name, tables: [{ ...table, chunkInterval: '1 day' }] })).copy();
  await harness.source.query(`INSERT INTO widened VALUES (now(), 2)`);
  const wide = await harness.configure({ name, tables: [{ ...table, chunkInterval: '20000 days' }] });
  await wide.copy();
  await harness.expectEqual('widened');
  expect((await partitions('widened')).length).toBe(2);
});

it('take a row that comes late, between the look and the reading', async () => {
  await harness.source.query(
    `CREATE TABLE late (at timestamptz NOT NULL, v int); INSERT INTO late VALUES ('2024-01-03', 1)`,
  );
  const sync = await harness.configure({
    tables: [{ name: 'late', cursor: 'at', partitions: 'native', chunkInterval: '1 day' }],
  });
  const session = await harness.destination.connect();
  await session.query('BEGIN');
  await session.query(
    `SELECT pg_advisory_xact_lock(hashtextextended('tidemark partitions "public"."late"', 0))`,
  );
  const copied = sync.copy();
  const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  await until(async () => (await session.query(waiting)).rows.length > 0);
  await harness.source.query(`INSERT INTO late VALUES ('2020-01-01', 2)`);
  await session.query('COMMIT');
  await session.end();
  const { repeated } = await copied;
  await harness.expectEqual('late');
  expect(repeated).toBe(1);
});

it.each([
  [{ cursor: 'at' }, /its key \(id\) has to hold at/],
  [{ cursor: 'at', mode: 'append', chunkInterval: 5 }, /chunkInterval does not fit a column of times/],
  [{ cursor: 'id', key: ['id'] }, /chunkInterval is needed to part a table by an integer column/],
  [{ cursor: 'at', partitions: 'hypertable' }, /the destination has no TimescaleDB/],
])('are refused with %j', async (settings, message) => {
  await harness.source.query(
    `CREATE TABLE IF NOT EXISTS refused (id int PRIMARY KEY, at timestamptz NOT NULL)`,
  );
  const sync = await harness.configure({ tables: [{ name: 'refused', partitions: 'native', ...settings }] });
  const { type, message: said } = await sync.fail();
  expect(type).toBe('Configuration');
  expect(said).toMatch(message);
});
