import { writeFile } from 'node:fs/promises';
import type { SyncSummary } from '../../src/plan/wire';
import { syncWorkflowId } from '../../src/plan/workflow-ids';
import { createGate } from '../support/gate';
import { until } from '../support/poll';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';
import { temporalAddress } from '../support/temporal';
import { runCli, startCli } from './cli';

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
  await harness.source.query(`
    CREATE TABLE readings (at timestamptz PRIMARY KEY, value int);
    INSERT INTO readings SELECT timestamptz '2026-01-01' + n * interval '1 minute', n FROM generate_series(1, 100) n`);
});
afterAll(() => harness.stop());

const settings = (schedules: object) => ({
  temporal: { address: temporalAddress(), taskQueue: harness.taskQueue },
  tables: [{ name: 'readings', cursor: 'at' }],
  schedules,
});

async function tidemark(sync: TestSync, ...args: string[]) {
  const { code, stdout, stderr } = await runCli([...args, '-c', sync.config.file, '--json'], {
    folder: harness.folder,
  });
  return { code, stderr, answer: JSON.parse(stdout) as Record<string, unknown> };
}

async function rewrite({ name, config }: TestSync, schedules: object): Promise<void> {
  const urls = { source: { url: harness.source.url }, destination: { url: harness.destination.url } };
  await writeFile(config.file, JSON.stringify({ name, ...urls, ...settings(schedules) }));
}

/** No batch goes on before what is returned is called. */
function holdBatches(): () => void {
  const gate = createGate();
  harness.onMoment = () => gate.opened;
  return gate.open;
}

interface Shown {
  schedules: { when: string; paused: boolean; last: { state: string }[] }[];
}
const outcomes = async (sync: TestSync): Promise<string[]> => {
  const { answer } = await tidemark(sync, 'schedule', 'show');
  return (answer as unknown as Shown).schedules.flatMap(({ last }) => last.map(({ state }) => state));
};

it('apply creates, changes, leaves and takes away; Temporal says what is no cron expression', async () => {
  const sync = await harness.configure(settings({ sync: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' } }));
  const apply = async () => (await tidemark(sync, 'schedule', 'apply')).answer['schedules'];
  expect(await apply()).toEqual([{ kind: 'sync', did: 'created' }]);
  await tidemark(sync, 'schedule', 'pause', '--note', 'moving house');
  expect(await apply()).toEqual([{ kind: 'sync', did: 'unchanged' }]);
  await rewrite(sync, { sync: { every: '1 hour', jitter: '10 s' }, reconcile: { cron: '@weekly' } });
  expect(await apply()).toEqual([
    { kind: 'sync', did: 'updated' },
    { kind: 'reconcile', did: 'created' },
  ]);
  expect(await tidemark(sync, 'schedule', 'show')).toMatchObject({
    answer: {
      schedules: [
        { when: 'every 1 hour', paused: true, note: 'moving house' },
        { when: '@weekly (UTC)', paused: false },
      ],
    },
  });
  await rewrite(sync, { sync: { cron: '0 25 * * *' } });
  expect(await tidemark(sync, 'schedule', 'apply')).toMatchObject({
    code: 3,
    answer: { error: { message: expect.stringContaining('Hour is not in range') as string } },
  });
  await rewrite(sync, {});
  expect(await apply()).toEqual([
    { kind: 'sync', did: 'deleted' },
    { kind: 'reconcile', did: 'deleted' },
  ]);
  expect((await tidemark(sync, 'schedule', 'trigger')).code).toBe(8);
});

it('a scheduled run and another are never two at once, and deleting the schedule leaves the run alone', async () => {
  const sync = await harness.configure(
    settings({ sync: { every: '1 second' }, reconcile: { cron: '@yearly' } }),
  );
  await sync.run();
  let open = holdBatches();
  await harness.source.query(`INSERT INTO readings VALUES (clock_timestamp(), 1)`);
  const manual = await sync.start();
  await tidemark(sync, 'schedule', 'apply');
  await until(async () => (await outcomes(sync)).includes('left out'));
  open();
  await manual.result();
  await until(async () => (await outcomes(sync)).includes('completed'));

  open = holdBatches();
  await harness.source.query(`INSERT INTO readings VALUES (clock_timestamp(), 1)`);
  await until(async () => (await outcomes(sync)).includes('running'));
  const follower = startCli(['sync', '-c', sync.config.file, '--json'], { folder: harness.folder });
  await until(() => follower.stderr().includes('Following the run'));
  expect((await tidemark(sync, 'schedule', 'delete', 'sync')).code).toBe(0);
  open();
  expect(await follower.ended).toMatchObject({ code: 0 });
  await harness.expectEqual('readings');

  // One that compares as well.
  await harness.source.query('UPDATE readings SET value = -1 WHERE value = 7');
  expect((await tidemark(sync, 'schedule', 'trigger', 'reconcile')).code).toBe(0);
  await until(async () => (await outcomes(sync)).includes('completed'));
  const last = harness.client.workflow.getHandle(syncWorkflowId(sync.name));
  const { tables } = (await last.result()) as SyncSummary;
  expect(tables[0]?.comparison).toMatchObject({ different: 1, repaired: true });
  await harness.expectEqual('readings');
  await tidemark(sync, 'schedule', 'delete');
});
