import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* What a batch holds, which version of a row wins, and what a run says of rows that it leaves out. */

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterAll(() => harness.stop());

describe.each(['upsert', 'replace', 'append'])('ties at the edges of batches, %s', (mode) => {
  it('are neither cut nor repeated', async () => {
    const name = `ties_${mode}`;
    // Groups of 1 to 9 rows share a value, and batches of 4 rows begin and end among them; one group is far larger.
    await harness.source.query(
      `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL);
       INSERT INTO ${name} SELECT row_number() OVER (), now() - interval '1 hour' + g * interval '1 microsecond'
         FROM generate_series(1, 20) g, generate_series(1, CASE g WHEN 7 THEN 300 ELSE g % 10 END) i`,
    );
    const sync = await harness.configure({ tables: [{ name, cursor: 'at', mode, batch: { rows: 4 } }] });
    const { batches, rows } = await sync.copy();
    expect(rows).toBe(383);
    expect(batches).toBeGreaterThan(10);
    await harness.expectEqual(name);
  });
});

it('an older row that arrives later does not replace a newer one, and a newer one does', async () => {
  await harness.source.query(
    `CREATE TABLE versions (device int, at timestamptz, value text, PRIMARY KEY (device, at));
     INSERT INTO versions VALUES (1, now() - interval '1 minute', 'newer'), (2, now() - interval '2 minutes', 'old')`,
  );
  const sync = await harness.configure({
    tables: [{ name: 'versions', cursor: 'at', key: ['device'], lookback: '1 hour' }],
  });
  await sync.copy();
  // The newer row of 1 is gone from the source, so only the destination knows it.
  await harness.source.query(
    `DELETE FROM versions WHERE device = 1;
     INSERT INTO versions VALUES (1, now() - interval '3 minutes', 'late'), (2, now() - interval '1 minute', 'new')`,
  );
  await sync.copy();
  const { rows } = await harness.destination.query(`SELECT device, value FROM versions ORDER BY device`);
  expect(rows).toEqual([
    { device: '1', value: 'newer' },
    { device: '2', value: 'new' },
  ]);
});

it('of several rows of one key in a batch, and over batches, the newest wins', async () => {
  await harness.source.query(
    `CREATE TABLE several (device int, at timestamptz, value text);
     INSERT INTO several SELECT device, now() - n * interval '1 second', 'v' || n
       FROM generate_series(1, 5) device, generate_series(1, 40) n ORDER BY n % 7, device`,
  );
  for (const rows of [50, 1000]) {
    const target = `several_${rows}`;
    const table = { name: 'several', cursor: 'at', key: ['device'], target, batch: { rows } };
    const sync = await harness.configure({ tables: [table], parallelism: { intervals: 1 } });
    await sync.copy();
    const newest = 'SELECT DISTINCT ON (device) * FROM several ORDER BY device, at DESC';
    await harness.expectEqual(`(${newest}) newest`, target);
  }
});

it('rows of NULL, infinite and early cursor values are reported in every run', async () => {
  await harness.source.query(
    `CREATE TABLE odd (id int PRIMARY KEY, at timestamptz);
     INSERT INTO odd VALUES (1, NULL), (2, NULL), (3, 'infinity'), (4, '-infinity'), (5, '1989-12-31 23:59:59.999999+00'),
       (6, '1990-01-01 00:00:00+00'), (7, now())`,
  );
  const sync = await harness.configure({ tables: [{ name: 'odd', cursor: 'at' }] });
  const found = {
    odd: { nullCursor: 2, infinite: 2, beforeStart: 1, beyondHorizon: 0 },
    warnings: [
      '2 rows whose at is NULL, so that they are in no interval: they are not copied',
      '2 rows whose at is infinite: they are not copied',
      '1 row whose at lies before start: they are not copied',
    ],
  };
  expect(await sync.copy()).toMatchObject({ rows: 2, ...found });
  expect(await sync.copy()).toMatchObject({ rows: 0, ...found });
  await harness.expectEqual('odd WHERE id IN (6, 7)', 'odd');
});

it.each([
  ['none', ['0001-01-01 00:00:00+00', '0044-03-15 00:00:00+00 BC', '1989-01-01 00:00:00+00'], 3],
  ['2020-01-31 12:00:00+02', ['2020-01-31 09:59:59.999999+00', '2020-01-31 10:00:00+00'], 1],
])('start %s is where reading begins', async (start, values, copied) => {
  const name = `start_${copied}`;
  await harness.source.query(`CREATE TABLE ${name} (id serial PRIMARY KEY, at timestamptz)`);
  await harness.source.query(`INSERT INTO ${name} (at) SELECT unnest($1::timestamptz[])`, [values]);
  const sync = await harness.configure({ tables: [{ name, cursor: 'at', start }] });
  expect(await sync.copy()).toMatchObject({ rows: copied, odd: { beforeStart: values.length - copied } });
});
