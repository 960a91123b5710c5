import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* What lies behind the watermark is found, and made equal: by write mode, and by what becomes of deletes. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

/** Rows a minute apart, of which two share each time. */
const table = async (name: string, rows = 6_000, key = 'PRIMARY KEY'): Promise<void> => {
  await harness.source.query(`
    CREATE TABLE ${name} (id int ${key}, at timestamptz NOT NULL, v text);
    CREATE INDEX ON ${name} (at);
    INSERT INTO ${name} SELECT i, '2026-01-01'::timestamptz + (i / 2) * interval '1 minute', 'v' || i FROM generate_series(1, ${rows}) i;
    ANALYZE ${name}`);
};

const count = async (sql: string): Promise<number> =>
  Number((await harness.destination.query(`SELECT count(*) FROM ${sql}`)).rows[0]?.['count']);

const change = (name: string): Promise<unknown> =>
  harness.source.query(`
    INSERT INTO ${name} VALUES (30001, '2026-01-02 00:00:30+00', 'late');
    UPDATE ${name} SET v = 'changed' WHERE id = 1500;
    DELETE FROM ${name} WHERE id IN (3000, 3001)`);

test('mode upsert: late rows, updates and deletes are told, and copied again', async () => {
  await table('mirrored');
  const sync = await harness.copied({ name: 'mirrored', deletes: 'mirror' });
  expect(await sync.reconcile()).toMatchObject({ state: 'completed', differing: 0, sourceRows: 6_000 });
  await change('mirrored');
  const found = { missing: 1, different: 1, extra: 2 };
  const told = await sync.reconcile({ depth: 'full', repair: false });
  expect(told).toMatchObject({ ...found, stillDiffering: told.differing, repaired: false });
  const repaired = await sync.reconcile({ depth: 'full' });
  expect(repaired).toMatchObject({ ...found, stillDiffering: 0, repaired: true });
  expect(repaired.rowsCopied).toBeLessThan(4_000);
  await harness.expectEqual('mirrored');
});

test.each(['replace', 'append'])('mode %s: intervals that differ are rewritten', async (mode) => {
  const name = `by_${mode}`;
  await table(name);
  const sync = await harness.copied({ name, mode });
  await change(name);
  // Without a key a changed row is one that is missing and one that is extra.
  expect(await sync.reconcile()).toMatchObject({ missing: 2, extra: 3, different: 0, stillDiffering: 0 });
  await harness.expectEqual(name);
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ differing: 0, sourceRows: 5_999 });
});

test('without a key, how often a row is there counts', async () => {
  await harness.source.query(`
    CREATE TABLE doubled (at timestamptz, v text);
    INSERT INTO doubled SELECT '2026-01-01', 'same' FROM generate_series(1, 3);
    INSERT INTO doubled SELECT '2026-01-02', 'same' FROM generate_series(1, 2)`);
  const sync = await harness.copied({ name: 'doubled', mode: 'append' });
  await harness.destination.query(`
    DELETE FROM doubled WHERE ctid = (SELECT max(ctid) FROM doubled WHERE at = '2026-01-01');
    INSERT INTO doubled VALUES ('2026-01-02', 'same')`);
  const found = await sync.reconcile({ depth: 'full', repair: false });
  expect(found).toMatchObject({ missing: 1, extra: 1, sourceRows: 5, destinationRows: 5 });
  await sync.reconcile({ depth: 'full', allowDeletes: true });
  await harness.expectEqual('doubled');
});

test('deletes: keep leaves what is gone at the source, and counts it', async () => {
  await table('kept');
  const sync = await harness.copied({ name: 'kept' });
  await change('kept');
  expect(await sync.reconcile()).toMatchObject({
    missing: 1,
    different: 1,
    extra: 0,
    kept: 2,
    stillDiffering: 0,
  });
  expect(await count('kept WHERE id IN (3000, 3001)')).toBe(2);
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ differing: 0, kept: 2 });
  expect(await count('kept')).toBe(6_001);
});

test('deletes: soft marks what is gone, and unmarks what comes back, whenever it does', async () => {
  await table('marked');
  const shift = `date_trunc('day', now()) - '2026-01-04'::timestamptz`;
  await harness.source.query(`UPDATE marked SET at = at + (${shift})`);
  const sync = await harness.copied({
    name: 'marked',
    key: ['id', 'at'],
    deletes: { soft: '"gone at"' },
    lookback: '20 days',
  });
  await harness.source.query('DELETE FROM marked WHERE id IN (3000, 3001, 5999, 6000)');
  const { rows } = await harness.destination.query('SELECT now()');
  const before = rows[0]?.['now'];
  expect(await sync.reconcile()).toMatchObject({ extra: 4, stillDiffering: 0 });
  expect(await count(`marked WHERE "gone at" > '${before}'`)).toBe(4);
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ differing: 0, destinationRows: 5_996 });
  await harness.source.query(
    `INSERT INTO marked SELECT i, '2026-01-01'::timestamptz + (${shift}) + (i / 2) * interval '1 minute', 'v' || i FROM unnest(ARRAY[3000, 5999, 6000]) i`,
  );
  // The sync reads them again, in an interval where only marked ones are: COPY must not take that for empty.
  await sync.copy();
  expect(await count('marked WHERE "gone at" IS NULL')).toBe(5_999);
  await harness.source.query(
    `INSERT INTO marked SELECT 3001, '2026-01-02 01:00+00'::timestamptz + (${shift}), 'back'`,
  );
  expect(await sync.reconcile()).toMatchObject({ missing: 1, stillDiffering: 0 });
  expect(await count('marked WHERE "gone at" IS NULL')).toBe(6_000);
});

test('deletes: soft chosen after the table was copied', async () => {
  await table('marked_later', 500);
  const sync = await harness.copied({ name: 'marked_later' });
  await harness.source.query('DELETE FROM marked_later WHERE id = 7');
  const tables = [{ name: 'marked_later', cursor: 'at', deletes: { soft: 'gone' } }];
  const changed = await harness.configure({ name: sync.name, tables });
  expect(await changed.reconcile()).toMatchObject({ extra: 1, stillDiffering: 0, repaired: true });
  expect(await count('marked_later WHERE gone IS NOT NULL')).toBe(1);
});

test('more deletes than deleteLimit are refused, and nothing is changed, until they are allowed', async () => {
  await table('limited');
  const sync = await harness.copied({ name: 'limited', deletes: 'mirror', deleteLimit: 5 });
  await harness.source.query(`DELETE FROM limited WHERE id > 5000; UPDATE limited SET v = 'x' WHERE id = 1`);
  const refused = await sync.reconcile();
  expect(refused).toMatchObject({ state: 'failed', extra: 1_000, error: { type: 'DeletesRefused' } });
  expect(refused.error?.message).toMatch(/1000 of the 6000 rows .* --allow-deletes/);
  expect(await count('limited')).toBe(6_000);
  expect(await count(`limited WHERE v = 'x'`)).toBe(0);
  // What was refused is found again, hinted or not.
  expect(await sync.reconcile()).toMatchObject({ state: 'failed' });
  expect(await sync.reconcile({ allowDeletes: true })).toMatchObject({ extra: 1_000, stillDiffering: 0 });
  await harness.expectEqual('limited');
});

test.each(['upsert', 'replace'])(
  'a truncated source empties no destination in silence: mode %s',
  async (mode) => {
    const name = `truncated_${mode}`;
    await table(name, 300);
    const sync = await harness.copied({ name, mode, deletes: 'mirror' });
    await harness.source.query(`TRUNCATE ${name}`);
    expect(await sync.reconcile()).toMatchObject({ error: { type: 'DeletesRefused' }, extra: 300 });
    expect(await count(name)).toBe(300);
  },
);

test('without a key, rows that are new elsewhere do not make up for those that are gone', async () => {
  await table('elsewhere', 6_000, '');
  const sync = await harness.copied({ name: 'elsewhere', mode: 'replace' });
  await harness.source.query(`
    DELETE FROM elsewhere WHERE id <= 2000;
    INSERT INTO elsewhere SELECT i, '2026-01-04'::timestamptz + i * interval '1 second', 'late' FROM generate_series(1, 2000) i`);
  expect(await sync.reconcile()).toMatchObject({ error: { type: 'DeletesRefused' } });
  expect(await count('elsewhere')).toBe(6_000);
});

test('a range alone is compared, and settles nothing beyond it', async () => {
  await table('ranged');
  const sync = await harness.copied({ name: 'ranged', deletes: 'mirror' });
  await sync.reconcile();
  await harness.source.query(`UPDATE ranged SET v = 'changed' WHERE id IN (100, 5000)`);
  const found = await sync.reconcile({ from: '2026-01-01', to: '2026-01-02', depth: 'full' });
  expect(found).toMatchObject({ different: 1, sourceRows: 2 * 24 * 60 - 1 });
  expect(await count(`ranged WHERE v = 'changed'`)).toBe(1);
  expect(await sync.reconcile()).toMatchObject({ different: 1, stillDiffering: 0 });
  const backwards = await sync.reconcile({ from: '2026-01-02', to: '2026-01-01' });
  expect(backwards.error).toMatchObject({
    type: 'Configuration',
    message: expect.stringMatching(/from is not before to/) as string,
  });
  expect((await sync.reconcile({ from: '5' })).error?.message).toMatch(
    /from is no value of the cursor column/,
  );
});

test('nothing to compare: an empty table, and one that was never copied', async () => {
  await table('empty', 0);
  const sync = await harness.copied({ name: 'empty', deletes: 'mirror' });
  expect(await sync.reconcile()).toMatchObject({ state: 'completed', differing: 0, sourceRows: 0 });
  await table('uncopied', 10);
  const never = await harness.configure({ tables: [{ name: 'uncopied', cursor: 'at' }] });
  const compared = await never.reconcile({ depth: 'full' });
  expect(compared).toMatchObject({ state: 'completed', watermark: null, differing: 0 });
  expect(compared.warnings.join()).toMatch(/never copied to its end/);
});

test('what the configuration leaves out is not compared', async () => {
  await table('parted', 1_000);
  const sync = await harness.copied({ name: 'parted', start: '2026-01-01 04:00', exclude: ['v'] });
  await harness.source.query(`UPDATE parted SET v = 'changed'; UPDATE parted SET v = NULL WHERE id = 2`);
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ differing: 0, sourceRows: 521 });
});
