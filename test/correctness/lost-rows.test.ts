import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

async function countAt(table: string): Promise<number> {
  const { rows } = await harness.destination.query(`SELECT count(*) AS count FROM ${table}`);
  return Number(rows[0]?.['count']);
}

test('a source that lost rows does not empty the lookback of mode replace in silence, however many batches it has', async () => {
  await harness.source.query(`
    CREATE TABLE lost (at timestamptz NOT NULL, v int);
    INSERT INTO lost SELECT now() - i * interval '1 second', i FROM generate_series(1, 2000) i`);
  const settings = { name: 'lost', cursor: 'at', mode: 'replace', lookback: '1 hour', batch: { rows: 50 } };
  const sync = await harness.configure({ tables: [settings] });
  await sync.copy();
  // Each batch alone stays below the limit.
  await harness.source.query('DELETE FROM lost WHERE v % 2 = 0');
  const failure = await sync.fail();
  expect(failure.type).toBe('DeletesRefused');
  expect(failure.message).toContain('--allow-deletes');
  expect(await countAt('lost')).toBeGreaterThanOrEqual(1_800);

  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({
    warnings: [expect.stringContaining('left out') as string],
  });
  expect(await countAt('lost')).toBeGreaterThanOrEqual(1_800);
  const allowed = await sync.reconcile({ depth: 'full', allowDeletes: true });
  expect(allowed).toMatchObject({ state: 'completed', stillDiffering: 0 });
  await sync.copy();
  await harness.expectEqual('lost');
});

test('deletes within the limit are mirrored, as before', async () => {
  await harness.source.query(`
    CREATE TABLE few (at timestamptz NOT NULL, v int);
    INSERT INTO few SELECT now() - i * interval '1 second', i FROM generate_series(1, 100) i`);
  const settings = { name: 'few', cursor: 'at', mode: 'replace', lookback: '1 hour' };
  const sync = await harness.configure({ tables: [settings] });
  await sync.copy();
  await harness.source.query('DELETE FROM few WHERE v <= 10');
  await sync.copy();
  await harness.expectEqual('few');
});
