import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* Keys whose columns have names that are also ours. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

const synced = async (settings: { name: string; [key: string]: unknown }): Promise<TestSync> => {
  const sync = await harness.configure({ tables: [{ cursor: 'at', ...settings }] });
  await sync.copy();
  return sync;
};
const source = (sql: string): Promise<unknown> => harness.source.query(sql);
const all = ['mirror', 'keep', { soft: 'gone' }];
const suffix = (deletes: unknown): string => (typeof deletes === 'string' ? deletes : 'soft');

describe('columns with the names that our own statements use', () => {
  const names = [
    'newest',
    'place',
    's',
    't',
    'w',
    'v0',
    'k0',
    'present',
    'excluded',
    'stretch',
    'rows',
    'value',
    'odd',
    'ours',
  ];

  test.each(all)('a key of all of them, deletes: %j', async (deletes) => {
    const name = `named_${suffix(deletes)}`;
    await source(`
      CREATE TABLE ${name} (${names.map((one) => `${one} int`).join(', ')}, at timestamptz NOT NULL, v int, PRIMARY KEY (${names.join(', ')}));
      INSERT INTO ${name} SELECT ${names.map((_, i) => `i / ${i + 1}`).join(', ')}, '2026-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(1, 300) i`);
    const sync = await synced({ name, deletes });
    await source(`
      UPDATE ${name} SET v = -v WHERE v = 7;
      UPDATE ${name} SET at = at - interval '3 minutes' WHERE v IN (8, 200);
      UPDATE ${name} SET at = 'tomorrow' WHERE v = 9`);
    expect(await sync.reconcile()).toMatchObject({ moved: 1, stillDiffering: 0 });
    await harness.expectEqual(`${name} WHERE v <> 9`, `${name} WHERE v <> 9`, [...names, 'at', 'v'].join());
    await source(`DELETE FROM ${name} WHERE v = 20`);
    await sync.reconcile();
    const kept = deletes === 'mirror' ? 'v <> 9' : 'v NOT IN (9, 20)';
    await harness.expectEqual(`${name} WHERE v <> 9`, `${name} WHERE ${kept}`, [...names, 'at', 'v'].join());
  });

  test('a cursor column called newest, of a key that several rows share', async () => {
    await source(`
      CREATE TABLE cursor_named (place int NOT NULL, newest timestamptz NOT NULL, t int);
      INSERT INTO cursor_named SELECT i % 20, '2026-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(1, 3000) i`);
    const sync = await synced({ name: 'cursor_named', key: ['place'], cursor: 'newest', deletes: 'mirror' });
    await source(`DELETE FROM cursor_named WHERE t IN (2990, 2991) OR place = 3`);
    expect(await sync.reconcile()).toMatchObject({ stillDiffering: 0 });
    await harness.expectEqual(
      '(SELECT DISTINCT ON (place) * FROM cursor_named ORDER BY place, newest DESC) s',
      'cursor_named',
    );
  });
});
