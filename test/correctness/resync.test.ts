import { forgetRanges, forgetTable } from '../../src/destination/forget-checkpoint';
import { parseCursorValue } from '../../src/plan/cursor-value';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* Intervals that are copied again: on request, for what changed at the source, and after a run that failed. */

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterEach(() => (harness.onMoment = undefined));
afterAll(() => harness.stop());

/** 100 rows, one a minute, from 2026-01-01 00:01 to 01:40. */
async function readings(name: string, settings: object): Promise<TestSync> {
  await harness.source.query(
    `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL, value text);
     INSERT INTO ${name} SELECT i, '2026-01-01 00:00+00'::timestamptz + i * interval '1 minute', 'first' FROM generate_series(1, 100) i`,
  );
  return harness.configure({ tables: [{ name, cursor: 'at', batch: { rows: 25 }, ...settings }] });
}

async function forget(sync: TestSync, table: string, from?: string, to?: string): Promise<void> {
  const client = await harness.destination.connect();
  const key = { sync: sync.name, table: `public.${table}` };
  try {
    if (from === undefined || to === undefined) {
      await forgetTable(client, key);
      return;
    }
    const [lower, upper] = [from, to].map((text) => parseCursorValue('timestamptz', `2026-01-01 ${text}+00`));
    const rewrite = sync.config.tables[0]?.mode !== 'upsert';
    await forgetRanges(client, key, 'timestamptz', [{ lower: lower ?? 0n, upper: upper ?? 0n }], rewrite);
  } finally {
    await client.end();
  }
}

describe.each(['upsert', 'replace', 'append'])('resync, %s', (mode) => {
  it('of a table copies it again, without doubling a row', async () => {
    const name = `table_${mode}`;
    const sync = await readings(name, { mode });
    await sync.copy();
    await harness.source.query(`UPDATE ${name} SET value = 'second' WHERE id % 3 = 0`);
    await forget(sync, name);
    expect(await sync.copy()).toMatchObject({ rows: 100 });
    await harness.expectEqual(name);
    expect(await sync.copy()).toMatchObject({ rows: 0 });
  });

  it('of a range copies that range alone, along with what is new', async () => {
    const name = `range_${mode}`;
    const sync = await readings(name, { mode });
    await sync.copy();
    await harness.source.query(
      `UPDATE ${name} SET value = 'second'; INSERT INTO ${name} VALUES (101, now(), 'first')`,
    );
    await forget(sync, name, '00:10:00', '00:20:00');
    expect(await sync.copy()).toMatchObject({ rows: 11 });
    const range = `id BETWEEN 10 AND 19 OR id = 101`;
    await harness.expectEqual(`${name} WHERE ${range}`, `${name} WHERE ${range}`);
    const { rows } = await harness.destination.query(
      `SELECT count(*) AS n FROM ${name} WHERE value = 'second'`,
    );
    expect(rows).toEqual([{ n: '10' }]);
  });

  it('is carried through when the run fails in its middle', async () => {
    const name = `again_${mode}`;
    const sync = await readings(name, { mode });
    await sync.copy();
    await forget(sync, name);
    failAtBatch(3);
    await sync.fail();
    harness.onMoment = undefined;
    await sync.copy();
    await harness.expectEqual(name);
  });
});

it('replace mirrors deletes and moves within the interval that it reads', async () => {
  await harness.source.query(
    `CREATE TABLE mirrored (at timestamptz NOT NULL, value int);
     INSERT INTO mirrored SELECT now() - i * interval '1 minute', i FROM generate_series(1, 30) i`,
  );
  const sync = await harness.configure({
    tables: [{ name: 'mirrored', cursor: 'at', lookback: '15 minutes' }],
  });
  await sync.copy();
  await harness.source.query(
    `DELETE FROM mirrored WHERE value IN (3, 20); UPDATE mirrored SET at = at + interval '30 seconds' WHERE value = 5`,
  );
  await sync.copy();
  // 20 was deleted below the lookback: that is not seen.
  await harness.expectEqual('(TABLE mirrored) t', 'mirrored WHERE value <> 20');
});

it('replace into a table that is there already leaves no row of its own in the intervals copied', async () => {
  const sync = await readings('occupied', { mode: 'replace' });
  await harness.destination.query(
    `CREATE TABLE occupied (id int, at timestamptz, value text);
     INSERT INTO occupied VALUES (1, '2026-01-01 00:01+00', 'first'), (500, '2026-01-01 00:30:30+00', 'stale'), (501, '1980-01-01', 'older than start')`,
  );
  await sync.copy();
  await harness.expectEqual('occupied', 'occupied WHERE id <> 501');
});

describe.each(['upsert', 'replace'])('a first load that failed in its middle, %s', (mode) => {
  it('goes on with a lookback and repeats no row', async () => {
    const name = `halfway_${mode}`;
    await harness.source.query(
      `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL);
       INSERT INTO ${name} SELECT i, now() - (100 - i) * interval '1 second' FROM generate_series(1, 100) i`,
    );
    const table = { name, cursor: 'at', mode, lookback: '1 hour', batch: { rows: 20 } };
    const sync = await harness.configure({ tables: [table] });
    failAtBatch(4);
    await sync.fail();
    harness.onMoment = undefined;
    await sync.copy();
    await harness.expectEqual(name);
  });
});

/** Lets the run fail just before that batch, counted from 1, commits. */
function failAtBatch(failing: number): void {
  let batches = 0;
  harness.onMoment = (moment) => {
    if (moment === 'before-commit' && ++batches === failing) throw new Error('the test fails this batch');
  };
}

it('resync in append mode rewrites up to where was copied before, though the next horizon lies below that', async () => {
  await harness.source.query(
    `CREATE TABLE falls_back (id int PRIMARY KEY, at timestamptz);
     INSERT INTO falls_back SELECT i, now() - i * interval '1 second' FROM generate_series(1, 300) i`,
  );
  const table = { name: 'falls_back', cursor: 'at', mode: 'append' };
  const sync = await harness.configure({ tables: [table] });
  await sync.copy();
  const client = await harness.destination.connect();
  await forgetTable(client, { sync: sync.name, table: 'public.falls_back' });
  await client.end();
  const slow = await harness.configure({ name: sync.name, settleDelay: '2 minutes', tables: [table] });
  expect((await slow.copy()).rows).toBeLessThan(300);
  const quick = await harness.configure({ name: sync.name, tables: [table] });
  await quick.copy();
  await harness.expectEqual('falls_back');
});

it('a start that is moved down lets the rows above it in, once', async () => {
  await harness.source.query(
    `CREATE TABLE early (id int PRIMARY KEY, at timestamptz);
     INSERT INTO early VALUES (1, '1985-01-01'), (2, '2026-01-01')`,
  );
  const table = { name: 'early', cursor: 'at', mode: 'append' };
  const sync = await harness.configure({ tables: [table] });
  expect(await sync.copy()).toMatchObject({ rows: 1, odd: { beforeStart: 1 } });
  const lower = await harness.configure({ name: sync.name, tables: [{ ...table, start: '1980-01-01' }] });
  expect(await lower.copy()).toMatchObject({ rows: 1, odd: { beforeStart: 0 } });
  expect(await lower.copy()).toMatchObject({ rows: 0 });
  await harness.expectEqual('early');
});
