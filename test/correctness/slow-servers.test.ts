import { forgetTable } from '../../src/destination/forget-checkpoint';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* A server that is slow is not taken for one that is dead. The heartbeat timeout is 10 s, idle transactions end after 7. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
  // Stable, so that queries which do not ask for it do not wait for it.
  await harness.source.query(
    `CREATE FUNCTION nap(seconds float8) RETURNS text STABLE LANGUAGE plpgsql AS
     'BEGIN PERFORM pg_catalog.pg_sleep(seconds); RETURN seconds::text; END'`,
  );
});
afterAll(() => harness.stop());

it.concurrent.each([
  ['a COPY that flows for longer than the heartbeat timeout is not given to another attempt', 12, 0],
  ['a COPY that pauses for longer than the heartbeat timeout is completed', 3, 14],
])('%s', async (_, seconds, pause) => {
  const name = `slow_${pause}`;
  // Each row is wide enough to be sent by itself.
  await harness.source.query(`
    CREATE TABLE ${name}_rows (id int PRIMARY KEY, at timestamptz);
    INSERT INTO ${name}_rows SELECT i, '2026-01-01'::timestamptz + i * interval '1 second' FROM generate_series(1, 40) i;
    CREATE VIEW ${name} AS SELECT id, at, repeat(md5(id::text), 3000) AS padding,
      nap(CASE WHEN id = 20 THEN ${pause} ELSE ${seconds} / 40.0 END) AS slept FROM ${name}_rows`);
  const settings = { name, cursor: 'at', key: ['id'], target: `${name}_copy`, exclude: ['slept'] };
  const sync = await harness.configure({ tables: [{ ...settings, exclude: [] }] });
  const copied = await sync.copy();
  expect(copied.rows).toBe(40);
  expect(copied.repeated).toBe(pause === 0 ? 0 : 1);
});

it.concurrent(
  'a destination that works on after the last row is waited for, however short its query timeout',
  async () => {
    await harness.source.query(`
    CREATE TABLE triggered (id int PRIMARY KEY, at timestamptz);
    INSERT INTO triggered SELECT i, '2026-01-01'::timestamptz + i * interval '1 second' FROM generate_series(1, 10) i`);
    await harness.destination.query(`
    CREATE TABLE triggered (id int PRIMARY KEY, at timestamptz);
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.pg_sleep(7.3); RETURN NULL; END';
    CREATE TRIGGER wait AFTER INSERT ON triggered EXECUTE FUNCTION wait()`);
    const destination = { url: harness.destination.url, queryTimeout: '2 seconds' };
    const tables = ['append', 'upsert'].map((mode) => ({ name: 'triggered', cursor: 'at', mode }));
    for (const table of tables) {
      const sync = await harness.configure({ destination, tables: [table] });
      expect(await sync.copy()).toMatchObject({ rows: 10, repeated: 0 });
      await harness.expectEqual('triggered');
      await harness.destination.query('DELETE FROM triggered');
    }
  },
);

it.concurrent(
  'a table to be copied anew is not forgotten to be, when nothing may be read at first',
  async () => {
    await harness.source.query(`
    CREATE TABLE numbered (id bigint PRIMARY KEY);
    INSERT INTO numbered SELECT generate_series(1, 100)`);
    const sync = await harness.configure({
      settleDelay: '300 ms',
      tables: [{ name: 'numbered', cursor: 'id', mode: 'append' }],
    });
    const holder = await harness.source.connect();
    const client = await harness.destination.connect();
    await sync.copy();
    await forgetTable(client, { sync: sync.name, table: 'public.numbered' });
    await holder.query('BEGIN; SELECT 1');
    expect(await sync.copy()).toMatchObject({ rows: 0 });
    await holder.query('COMMIT');
    await Promise.all([holder.end(), client.end()]);
    expect(await sync.copy()).toMatchObject({ rows: 100 });
    await harness.expectEqual('numbered');
  },
);

it.concurrent('a destination is not idle while the source is asked where rows have gone', async () => {
  await harness.source.query(`
    CREATE TABLE sought_rows (id int PRIMARY KEY, at timestamptz, v text);
    INSERT INTO sought_rows SELECT i, '2026-01-01'::timestamptz + i * interval '1 second', 'v' FROM generate_series(1, 40) i;
    CREATE VIEW sought AS SELECT * FROM sought_rows
      WHERE (SELECT nap(CASE WHEN current_query() LIKE '%w.place%' THEN 9 ELSE 0 END)) IS NOT NULL`);
  const sync = await harness.configure({
    tables: [{ name: 'sought', cursor: 'at', key: ['id'], deletes: 'mirror' }],
  });
  await sync.copy();
  await harness.source.query(`
    DELETE FROM sought_rows WHERE id = 5;
    UPDATE sought_rows SET at = at - interval '1 hour' WHERE id = 20`);
  expect(await sync.reconcile()).toMatchObject({ repaired: true, stillDiffering: 0 });
  await harness.expectEqual('sought');
});
