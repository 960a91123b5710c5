import { tsToMs } from '@temporalio/common/lib/time';
import { childId, syncWorkflowId } from '../../src/plan/workflow-ids';
import { historiesOf } from '../support/history-size';
import { until } from '../support/poll';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

const SLOTS = 2;
const BIG_TABLES = 12;
/** Intervals of each in flight. */
const LANES = 4;
const IN_FLIGHT = BIG_TABLES * LANES;
const SMALL_BATCHES = 15;

let harness: SyncHarness;

beforeAll(async () => {
  harness = await startSyncHarness({ slots: SLOTS });
});
afterAll(() => harness.stop());

function createTable(name: string, rows: number): string {
  return `CREATE TABLE ${name} (at timestamptz PRIMARY KEY);
    INSERT INTO ${name} SELECT '2026-01-01'::timestamptz + i * interval '1 minute' FROM generate_series(1, ${rows}) i;
    ANALYZE ${name}`;
}

function configure(tables: string, lanes: { tables: number; intervals: number }) {
  const end = (url: string) => ({ url, maxConnections: IN_FLIGHT });
  return harness.configure({
    source: end(harness.source.url),
    destination: end(harness.destination.url),
    parallelism: lanes,
    tables: [{ name: tables, cursor: 'at', batch: { rows: 10 } }],
  });
}

it('a sync whose batches are few is not kept waiting by one whose batches are many, where a worker has few slots', async () => {
  const names = Array.from({ length: BIG_TABLES }, (_, n) => `big_${n}`);
  await harness.source.query(names.map((name) => createTable(name, 1_000)).join(';'));
  await harness.source.query(createTable('small', (SMALL_BATCHES + 2) * 10));
  const big = await configure('big_*', { tables: BIG_TABLES, intervals: LANES });
  const small = await configure('small', { tables: 1, intervals: 1 });

  const running = await big.start();
  try {
    // Planning goes first, so that all of its tables have batches waiting soon.
    await until(async () => (await waitingBatches(big.name, names)) >= IN_FLIGHT * 0.8, {
      what: 'most of its batches to wait',
    });
    expect((await small.copy()).batches).toBeGreaterThanOrEqual(SMALL_BATCHES);
    expect((await running.describe()).status.name).toBe('RUNNING');
  } finally {
    await running.cancel();
    await running.result().catch(() => undefined);
  }

  const ofSmall = await batches(small.name, ['small']);
  const ofBig = await batches(big.name, names);
  const before = ofSmall.map(
    (batch) => ofBig.filter(({ started }) => started > batch.scheduled && started < batch.started).length,
  );
  expect(ofSmall.length).toBeGreaterThanOrEqual(SMALL_BATCHES);
  // First come, first served, each waited for 28 of the other's; by turns it is 5. One that Temporal now and then hands
  // out late does not decide.
  expect(before.sort((a, b) => a - b)[before.length >> 1]).toBeLessThan(IN_FLIGHT * 0.45);
});

/** When the batches of a sync's tables were given to Temporal, and when a worker took them, by the server's clock. */
async function batches(sync: string, tables: string[]): Promise<{ scheduled: number; started: number }[]> {
  const histories = await Promise.all(
    tables.map((table) => historiesOf(harness.client, childId(syncWorkflowId(sync), `public.${table}`))),
  );
  return histories.flat().flatMap(({ events }) =>
    events.flatMap(({ eventTime, activityTaskStartedEventAttributes: started }) => {
      const scheduled = events[Number(started?.scheduledEventId) - 1];
      const { activityType } = scheduled?.activityTaskScheduledEventAttributes ?? {};
      if (activityType?.name !== 'copyBatch') return [];
      return [{ scheduled: tsToMs(scheduled?.eventTime), started: tsToMs(eventTime) }];
    }),
  );
}

/** Of a sync's tables: activities that are scheduled and not begun. */
async function waitingBatches(sync: string, tables: string[]): Promise<number> {
  const pending = await Promise.all(
    tables.map(async (table) => {
      const id = childId(syncWorkflowId(sync), `public.${table}`);
      const { raw } = await harness.client.workflow.getHandle(id).describe();
      return (raw.pendingActivities ?? []).filter(({ activityType, lastStartedTime }) => {
        return activityType?.name === 'copyBatch' && !lastStartedTime;
      }).length;
    }),
  );
  return pending.reduce((sum, count) => sum + count, 0);
}
