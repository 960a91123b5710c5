import { pauseUpdate, resumeUpdate, syncProgressQuery } from '../../src/workflows/messages';
import { closedAt } from '../../src/plan/hours';
import { until } from '../support/poll';
import { historyText, startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';
import { comparisonWorkflowId } from '../../src/plan/workflow-ids';

/* When the source is read. The worker's clock is set by the tests; the workflow's timers run in real time. */

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterEach(() => {
  harness.now = Date.now;
  harness.onMoment = undefined;
});
afterAll(() => harness.stop());

/** Closed for an hour a day. */
const hours = { from: '22:00', to: '21:00' };
const opens = '22:00 UTC';
const at = (time: string): number => new Date(`2026-03-10T${time}Z`).getTime();
const OPEN = at('12:00:00');
/** Closed for half an hour. */
const CLOSED = at('21:30:00');
/** Closed for a tenth of a second. */
const OPENING = at('21:59:59.9');

async function configure(name: string, rows: number, settings: object = {}): Promise<TestSync> {
  await harness.source.query(
    `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL);
     CREATE INDEX ON ${name} (at);
     INSERT INTO ${name} SELECT i, now() - (${rows} - i + 1) * interval '1 second' FROM generate_series(1, ${rows}) i;
     ANALYZE ${name}`,
  );
  return harness.configure({
    source: { url: harness.source.url, hours },
    parallelism: { tables: 1, intervals: 1 },
    tables: [{ name, cursor: 'at', batch: { rows: 5 }, ...settings }],
  });
}

async function sessionsAtSource(): Promise<number> {
  const { rows } = await harness.source.query(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tidemark source'`,
  );
  return Number(rows[0]?.n);
}

it('a run that is begun outside them waits, and does not even connect to the source', async () => {
  harness.now = () => CLOSED;
  const sync = await configure('early', 20);
  const run = await sync.start();
  await until(async () => (await run.query(syncProgressQuery)).state === 'closed');
  expect(await run.query(syncProgressQuery)).toMatchObject({ opens, tables: [] });
  expect((await run.describe()).raw.pendingActivities).toEqual([]);
  await run.executeUpdate(pauseUpdate, { args: [{}] });
  expect(await run.query(syncProgressQuery)).toMatchObject({ state: 'paused' });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  expect(await run.query(syncProgressQuery)).toMatchObject({ state: 'closed' });
  expect(await sessionsAtSource()).toBe(0);
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
});

it('what is under way when they end ends with its batch, and goes on when they begin', async () => {
  harness.now = () => OPEN;
  const sync = await configure('overtaken', 40);
  let batches = 0;
  harness.onMoment = (moment) => {
    if (moment === 'mid-copy' && ++batches === 3) harness.now = () => CLOSED;
  };
  const run = await sync.start();
  const child = harness.client.workflow.getHandle(`${run.workflowId}/public.overtaken`);
  const progress = () => child.query<{ state: string; rows: number }>('progress');
  await until(async () => (await progress()).state === 'closed');
  const { rows: before } = await progress();
  expect(await progress()).toMatchObject({ state: 'closed', opens });
  const copied = await harness.destination.query('SELECT FROM overtaken');
  expect(copied.rows).toHaveLength(before);
  expect([before > 0, before < 40]).toEqual([true, true]);
  await run.executeUpdate(pauseUpdate, { args: [{}] });
  expect(await progress()).toMatchObject({ state: 'paused', rows: before });
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  harness.now = () => OPEN;
  expect(await sync.copy()).toMatchObject({ rows: 40 - before });
  await harness.expectEqual('overtaken');
});

it('everything that reads the source is asked again once they begin', async () => {
  const looks = { number: 0 };
  // Every activity finds them about to begin at first, and begun when it is asked again.
  harness.now = () => (looks.number++ % 2 === 0 ? OPENING : OPEN);
  const sync = await configure('always', 20, { deletes: 'mirror', batch: { rows: 100 } });
  expect(await sync.copy()).toMatchObject({ rows: 20 });
  await harness.source.query('UPDATE always SET id = 100 WHERE id = 7');
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ differing: 1, stillDiffering: 0 });
  await harness.expectEqual('always');
  const comparison = await historyText(harness.client, comparisonWorkflowId(sync.name, 'reconcile'), [
    'public.always',
  ]);
  const answers = comparison
    .split('\n')
    .filter((text) => text === JSON.stringify(closedAt({ ...hours, timeZone: 'UTC' }, OPENING)));
  // planSync, planReconcile, and comparePortion twice: what differs, and what was repaired.
  expect(answers).toHaveLength(4);
});
