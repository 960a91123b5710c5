import type { BatchInput } from '../../src/plan/wire';
import { childId, syncWorkflowId } from '../../src/plan/workflow-ids';
import { createGate } from '../support/gate';
import { until } from '../support/poll';
import { startSyncHarness, summaryOf, type SyncHarness, type TestSync } from '../support/sync-harness';
import { runCli, startCli } from './cli';
import { configureTwoTables, createTwoTables, DEVICES, READINGS } from './two-tables';

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
  await createTwoTables(harness);
});
afterAll(() => harness.stop());

async function tidemark(sync: TestSync, ...args: string[]) {
  const { code, stdout, stderr } = await runCli([...args, '-c', sync.config.file, '--json'], {
    folder: harness.folder,
  });
  return { code, stderr, answer: JSON.parse(stdout) as Record<string, unknown> };
}

const count = async (table: string): Promise<number> =>
  Number((await harness.destination.query(`SELECT count(*) FROM ${table}`)).rows[0]?.['count']);

it('tables are paused, tuned, skipped and retried in mid-run, and nothing is lost or doubled', async () => {
  const sync = await configureTwoTables(harness);
  const gate = createGate();
  const begun = new Set<string>();
  const inFlight = new Set<number>();
  const sizes: number[] = [];
  let [tuned, most] = [false, 0];
  // The rest of the table waits, until it is skipped.
  const rest = createGate();
  const seen = (moment: string, { table, interval, rows }: BatchInput): void => {
    if (table !== READINGS || !tuned) return;
    if (moment === 'before-begin') {
      inFlight.add(interval.id);
      sizes.push(rows);
      most = Math.max(most, inFlight.size);
    } else if (moment === 'before-commit') inFlight.delete(interval.id);
  };
  harness.onMoment = async (moment, batch) => {
    seen(moment, batch);
    begun.add(batch.table);
    await gate.opened;
    // The first ones wait for each other: how many go at once is not left to chance.
    if (!tuned || batch.table !== READINGS || moment !== 'before-begin') return;
    await until(() => most >= 3);
    if (sizes.length > 20) await rest.opened;
  };
  const run = await sync.start();
  await until(() => begun.size === 2);

  expect((await tidemark(sync, 'retry', '--table', 'readings')).code).toBe(8);
  expect(await tidemark(sync, 'pause', '--table', 'devices')).toMatchObject({
    code: 0,
    answer: { ok: true, paused: false, tables: [DEVICES] },
  });
  await tidemark(sync, 'pause', '--table', 'readings');
  gate.open();
  const refused = await tidemark(sync, 'tune', '--table', 'readings', '--intervals', '3');
  expect(refused).toMatchObject({
    code: 8,
    answer: { error: { message: expect.stringContaining('at most 2 intervals') as string } },
  });
  expect(await tidemark(sync, 'tune', '--table', 'devices', '--intervals', '1')).toMatchObject({ code: 0 });
  expect(
    await tidemark(sync, 'tune', '--table', 'readings', '--intervals', '3', '--batch-rows', '10'),
  ).toMatchObject({ code: 0, answer: { paused: true, tuning: { intervals: 3, batchRows: 10 } } });
  const before = await count('devices');
  tuned = true;
  await tidemark(sync, 'resume', '--table', 'readings');
  await until(() => sizes.length > 10);
  const skipping = tidemark(sync, 'skip', '--table', 'readings');
  const child = harness.client.workflow.getHandle(childId(syncWorkflowId(sync.name), READINGS));
  await until(async () => (await child.query<{ state: string }>('progress')).state === 'skipped');
  rest.open();
  expect(await skipping).toMatchObject({ code: 0, answer: { table: READINGS, state: 'skipped' } });
  const skippedAt = await count('readings');
  expect([skippedAt > 100, skippedAt < 1000]).toEqual([true, true]);
  expect([...new Set(sizes)]).toEqual([10]);
  expect(most).toBe(3);

  inFlight.clear();
  expect(await tidemark(sync, 'retry', '--table', 'readings')).toMatchObject({ code: 0 });
  await until(async () => (await count('readings')) === 1000);
  expect(await count('devices')).toBe(before);
  expect(await tidemark(sync, 'resume')).toMatchObject({ code: 0, answer: { tables: [] } });
  expect((await summaryOf(run)).ok).toBe(true);
  expect([...new Set(sizes)]).toEqual([10]);
  await harness.expectEqual('readings');
  await harness.expectEqual('devices');
});

it('a table that is stuck is skipped, the others come through; a run is cancelled', async () => {
  const sync = await configureTwoTables(harness);
  const blocker = await harness.destination.connect();
  await blocker.query('BEGIN; LOCK TABLE readings IN ACCESS EXCLUSIVE MODE');
  const run = await sync.start();
  const child = harness.client.workflow.getHandle(childId(syncWorkflowId(sync.name), READINGS));
  await until(() => child.query('progress'));
  expect(await tidemark(sync, 'skip', '--table', 'readings')).toMatchObject({ code: 0 });
  const { ok, tables } = await summaryOf(run);
  expect([ok, tables.map(({ state }) => state)]).toEqual([true, ['skipped', 'completed']]);

  await sync.start();
  await until(() => child.query('progress'));
  // Who follows it elsewhere is told so: it is not all copied, but nothing failed.
  const followers = [[], ['--json']].map((options) =>
    startCli(['sync', '-c', sync.config.file, ...options], { folder: harness.folder }),
  );
  for (const { stderr } of followers) await until(() => stderr().includes('Following the run'));
  expect(await tidemark(sync, 'cancel')).toMatchObject({ code: 0, answer: { state: 'cancelled' } });
  const [told, summary] = await Promise.all(followers.map(({ ended }) => ended));
  expect(told?.code).toBe(5);
  expect(told?.stderr).toContain(`The run of ${sync.name} was cancelled. What was committed stays`);
  expect(told?.stderr).not.toContain('failed');
  expect(JSON.parse(summary?.stdout ?? '')).toMatchObject({
    ok: false,
    error: { type: 'Cancelled', exitCode: 5 },
  });
  expect(await tidemark(sync, 'cancel')).toMatchObject({ code: 8 });
  await blocker.query('ROLLBACK');
  await blocker.end();
});
