import { childId, syncWorkflowId } from '../../src/plan/workflow-ids';
import type { SyncProgress } from '../../src/plan/wire';
import { executionsOf, figuresOf, historiesOf } from '../support/history-size';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

const TABLES = 60;
/** What a sync is to bear, and Temporal's limits: on a payload, and on the bytes of one history. */
const MANY = 2_000;
const PAYLOAD = 2 * 1024 * 1024;
const HISTORY = 50 * 1024 * 1024;
/** At which the server of the tests suggests to continue as new (support/start-servers.ts), instead of 4,096. */
const SUGGESTED = 200;

let harness: SyncHarness;

beforeAll(async () => {
  harness = await startSyncHarness();
  const names = Array.from({ length: TABLES }, (_, n) => `sensor_readings_${String(n).padStart(5, '0')}`);
  const create = names.map((name) => {
    return `CREATE TABLE ${name} (at timestamptz PRIMARY KEY); INSERT INTO ${name} VALUES ('2026-01-01')`;
  });
  await harness.source.query(create.join(';'));
});
afterAll(() => harness.stop());

it('histories and payloads of a sync grow by so little with each table that two thousand are within the limits', async () => {
  const end = (url: string) => ({ url, maxConnections: 8 });
  const sync = await harness.configure({
    source: end(harness.source.url),
    destination: end(harness.destination.url),
    parallelism: { tables: 8, intervals: 1 },
    tables: [{ name: 'sensor_*', cursor: 'at' }],
  });
  const id = syncWorkflowId(sync.name);

  const first = await sync.run();
  expect(first.ok).toBe(true);
  expect(first.tables.reduce((rows, table) => rows + table.rows, 0)).toBe(TABLES);
  const copied = await executionsOf(harness.client, id);
  const total = figuresOf(copied);
  expect(total.executions).toBeGreaterThan(1);
  // What is under way when the server suggests it still ends.
  for (const { events } of copied) expect(events).toBeLessThan(SUGGESTED * 2);
  expect((total.greatestPayload / TABLES) * MANY).toBeLessThan(PAYLOAD);
  // Of an execution of 4,096 events, were all as great as the greatest was on average.
  const bytesPerEvent = Math.max(...copied.map(({ bytes, events }) => bytes / events));
  expect(bytesPerEvent * 4_096 + (total.greatestPayload / TABLES) * MANY).toBeLessThan(HISTORY);
  const table = figuresOf(await executionsOf(harness.client, childId(id, first.tables[0]?.table ?? '')));
  expect(table).toMatchObject({ executions: 1 });
  expect(table.events).toBeLessThan(40);
  expect(table.bytes).toBeLessThan(20_000);

  const progress = await harness.client.workflow.getHandle(id).query<SyncProgress>('progress');
  expect((JSON.stringify(progress).length / TABLES) * MANY).toBeLessThan(PAYLOAD);

  const idle = await sync.run();
  expect(idle).toMatchObject({ ok: true });
  const looked = figuresOf(await executionsOf(harness.client, id));
  // One look at a hundred tables, and no workflow of their own.
  expect(looked).toMatchObject({ executions: 1 });
  expect(looked.events).toBeLessThan(40);
  expect((looked.greatestPayload / TABLES) * MANY).toBeLessThan(PAYLOAD);

  const [execution, ...others] = await historiesOf(harness.client, id);
  expect(others).toEqual([]);
  const started = execution?.events[0]?.workflowExecutionStartedEventAttributes;
  expect(started?.priority).toMatchObject({ fairnessKey: sync.name });
});

it('a sync of more tables than one run can carry along is refused', async () => {
  const tables = Array.from({ length: 5_000 }, (_, n) => ({ name: `nowhere_${n}`, cursor: 'at' }));
  const sync = await harness.configure({ tables });
  await expect(sync.run()).rejects.toMatchObject({
    cause: {
      cause: {
        type: 'Configuration',
        message: expect.stringContaining('has 5000 tables, more than one run can carry along') as string,
      },
    },
  });
});
