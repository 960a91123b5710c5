import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

const table = async (name: string): Promise<void> => {
  await harness.source.query(`
    CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL, v text);
    CREATE INDEX ON ${name} (at);
    INSERT INTO ${name} SELECT i, '2026-01-01'::timestamptz + i * interval '1 minute', 'v' || i FROM generate_series(1, 20000) i;
    ANALYZE ${name}`);
};

test('late rows, updates and deletes far behind the watermark are found, and copied again', async () => {
  await table('mirrored');
  const sync = await harness.configure({ tables: [{ name: 'mirrored', cursor: 'at', deletes: 'mirror' }] });
  await sync.copy();
  expect(await sync.reconcile()).toMatchObject({ state: 'completed', differing: 0, sourceRows: 20_000 });
  await harness.source.query(`
    INSERT INTO mirrored VALUES (30001, '2026-01-02 00:00:30+00', 'late');
    UPDATE mirrored SET v = 'changed' WHERE id = 5000;
    DELETE FROM mirrored WHERE id IN (10000, 10001)`);
  const told = await sync.reconcile({ depth: 'full', repair: false });
  expect(told).toMatchObject({
    missing: 1,
    different: 1,
    extra: 2,
    differing: 3,
    stillDiffering: 3,
    repaired: false,
  });
  const repaired = await sync.reconcile({ depth: 'full' });
  expect(repaired).toMatchObject({ missing: 1, different: 1, extra: 2, stillDiffering: 0, repaired: true });
  expect(repaired.rowsCopied).toBeLessThan(10_000);
  await harness.expectEqual('mirrored');
});
