import { childId, syncWorkflowId } from '../../src/plan/workflow-ids';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

let harness: SyncHarness;

beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

/** Whether a workflow's last execution is not its first one; asked of the server itself, not of its search, which lags. */
async function hasContinued(workflowId: string): Promise<boolean> {
  const { runId, historyLength, raw } = await harness.client.workflow.getHandle(workflowId).describe();
  expect(historyLength).toBeLessThan(400);
  expect(raw.workflowExecutionInfo?.firstRunId).toEqual(expect.any(String));
  return raw.workflowExecutionInfo?.firstRunId !== runId;
}

it('a table with more batches than a history should hold is copied, once', async () => {
  await harness.source.query(`
    CREATE TABLE long (at timestamptz PRIMARY KEY, value int);
    INSERT INTO long SELECT '2026-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(1, 400) i`);
  const sync = await harness.configure({
    tables: [{ name: 'long', cursor: 'at', mode: 'append', batch: { rows: 5 } }],
  });
  const copied = await sync.copy();
  expect(copied).toMatchObject({ rows: 400, repeated: 0, alreadyApplied: 0 });
  expect(copied.batches).toBeGreaterThanOrEqual(80);
  await harness.expectEqual('public.long');
  expect(await hasContinued(childId(syncWorkflowId(sync.name), 'public.long'))).toBe(true);
});

it('a sync of more tables than a history should hold copies each of them', async () => {
  // Three events for each child at the least, and the limit is 200 (support/start-servers.ts).
  const names = Array.from({ length: 80 }, (_, index) => `many_${index}`);
  await harness.source.query(
    names
      .map(
        (name) =>
          `CREATE TABLE ${name} (at timestamptz PRIMARY KEY); INSERT INTO ${name} VALUES ('2026-01-01')`,
      )
      .join(';'),
  );
  const sync = await harness.configure({
    tables: [{ name: 'many_*', cursor: 'at' }],
    parallelism: { tables: 4 },
  });
  const summary = await sync.run();
  expect(summary.ok).toBe(true);
  expect(summary.tables.map(({ table, rows }) => [table, rows])).toEqual(
    names.map((name) => [`public.${name}`, 1]).sort(),
  );
  expect(await hasContinued(syncWorkflowId(sync.name))).toBe(true);
});
