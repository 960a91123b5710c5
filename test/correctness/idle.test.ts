import { childId, syncWorkflowId } from '../../src/plan/workflow-ids';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* Tables that have nothing new are completed together, without a plan of their own. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

async function table(name: string, at = "now() - interval '1 hour'"): Promise<void> {
  await harness.source.query(`
    CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz, v text);
    CREATE INDEX ON ${name} (at);
    INSERT INTO ${name} SELECT i, ${at} + i * interval '1 second', 'v' FROM generate_series(1, 50) i`);
}

/** The tables that the last run planned one by one. */
async function planned({ name }: TestSync): Promise<string[]> {
  const history = await harness.client.workflow.getHandle(syncWorkflowId(name)).fetchHistory();
  const prefix = childId(syncWorkflowId(name), '');
  return (history.events ?? []).flatMap(({ startChildWorkflowExecutionInitiatedEventAttributes: child }) =>
    child?.workflowId ? [child.workflowId.slice(prefix.length)] : [],
  );
}

it('completes what has nothing new, and plans what has', async () => {
  for (const name of ['quiet', 'busy', 'nulls']) await table(name);
  const tables = ['quiet', 'busy', 'nulls'].map((name) => ({ name, cursor: 'at' }));
  const sync = await harness.configure({ tables });
  const first = await sync.run();
  expect(await planned(sync)).toHaveLength(3);

  await harness.source.query(`
    INSERT INTO busy SELECT 100, now() - interval '1 millisecond', 'new';
    INSERT INTO nulls VALUES (100, NULL, 'never')`);
  const second = await sync.run();
  expect(await planned(sync)).toEqual(['public.busy']);
  expect(second.tables.map(({ state, rows }) => [state, rows])).toEqual([
    ['completed', 0],
    ['completed', 1],
    ['completed', 0],
  ]);
  const [quiet, , nulls] = second.tables;
  expect((quiet?.watermark ?? '') > (first.tables[0]?.watermark ?? '')).toBe(true);
  expect(nulls?.odd?.nullCursor).toBe(1);
  expect(nulls?.warnings.join()).toContain('NULL');
  await harness.expectEqual('busy');

  // What it moved is what a plan goes on from.
  await harness.source.query(`INSERT INTO quiet SELECT 100, now() - interval '1 millisecond', 'new'`);
  expect((await sync.run()).tables.map(({ rows }) => rows)).toEqual([1, 0, 0]);
  await harness.expectEqual('quiet');
});

it('leaves to a plan what is not as it was', async () => {
  await table('changed');
  const sync = await harness.configure({ tables: [{ name: 'changed', cursor: 'at' }] });
  await sync.copy();
  await harness.source.query(`ALTER TABLE changed ADD COLUMN more int`);
  expect((await sync.copy()).warnings.join()).toContain('was added');
  expect(await planned(sync)).toEqual(['public.changed']);
  await sync.copy();
  expect(await planned(sync)).toEqual([]);

  await harness.destination.query('DROP TABLE changed');
  expect((await sync.fail()).type).toBe('Drift');
  expect(await planned(sync)).toEqual(['public.changed']);
});

it('reads a lookback that holds rows, and finds the late ones', async () => {
  await table('late', "now() - interval '2 minutes'");
  const sync = await harness.configure({ tables: [{ name: 'late', cursor: 'at', lookback: '1 hour' }] });
  await sync.copy();
  await harness.source.query(`INSERT INTO late SELECT 100, now() - interval '30 minutes', 'late'`);
  await sync.copy();
  expect(await planned(sync)).toEqual(['public.late']);
  await harness.expectEqual('late');
});
