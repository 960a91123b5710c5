import { childId, syncWorkflowId } from '../../src/plan/workflow-ids';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

let harness: SyncHarness;

beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

/** How many executions a workflow's run took. */
async function executionsOf(workflowId: string): Promise<number> {
  let count = 0;
  for await (const execution of harness.client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    expect(execution.historyLength).toBeLessThan(400);
    count += 1;
  }
  return count;
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
  expect(await executionsOf(childId(syncWorkflowId(sync.name), 'public.long'))).toBeGreaterThan(1);
});

it('a sync of more tables than a history should hold copies each of them', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `many_${index}`);
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
  expect(await executionsOf(syncWorkflowId(sync.name))).toBeGreaterThan(1);
});
