import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import { findTemporalServer } from '../../src/embedded/find-temporal';
import { childId, syncWorkflowId } from '../../src/plan/workflow-ids';
import { startSync } from '../../src/temporal/start-sync';
import { createDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/poll';
import { connectTemporal, temporalAddress, uniqueName } from '../support/temporal';
import { type CliProcess, folderWith, runCli, startCli } from './cli';

const execute = promisify(execFile);
const deployment = uniqueName('plants');
const taskQueue = uniqueName('queue');
const name = uniqueName('sync');
let client: Client;
let ends: { source: TestDatabase; destination: TestDatabase };
let folder: string;
const workers: CliProcess[] = [];

beforeAll(async () => {
  client = await connectTemporal();
  ends = { source: await createDatabase(), destination: await createDatabase() };
  await ends.source.query(
    'CREATE TABLE readings (n bigint PRIMARY KEY); INSERT INTO readings SELECT generate_series(1, 20)',
  );
  folder = await folderWith({
    'tidemark.yaml': JSON.stringify({
      name,
      settleDelay: '1 ms',
      source: { url: ends.source.url },
      destination: { url: ends.destination.url },
      tables: [{ name: 'readings', cursor: 'n' }],
      temporal: { address: temporalAddress(), taskQueue },
    }),
  });
});
afterAll(async () => {
  for (const { child } of workers) child.kill('SIGTERM');
  await Promise.all(workers.map(({ ended }) => ended));
  await client.connection.close();
  await Promise.all([ends.source.drop(), ends.destination.drop()]);
});

/** A worker of a build, as its own process. Its identity in histories. */
async function startBuild(buildId: string): Promise<string> {
  const worker = startCli(['worker', '--build-id', buildId], {
    folder,
    env: { TEMPORAL_DEPLOYMENT_NAME: deployment },
  });
  workers.push(worker);
  await until(() => /worker ready/.test(worker.stderr()), { what: `build ${buildId}` });
  return `${worker.child.pid ?? 0}@`;
}

/** As docs/UPGRADING.md tells to. Refused until the server has seen the build's workers. */
async function setCurrent(buildId: string): Promise<void> {
  const temporal = await findTemporalServer();
  const args = ['worker', 'deployment', 'set-current-version', '--address', temporalAddress(), '--yes'];
  await until(
    async () => {
      await execute(temporal, [...args, '--deployment-name', deployment, '--build-id', buildId]);
      return true;
    },
    { what: `build ${buildId} to become current` },
  );
}

/** Who worked on a run and its table's run: the processes, and the builds that workflow tasks were completed by. */
async function workedOn(runId: string): Promise<{ processes: string[]; builds: string[] }> {
  const id = syncWorkflowId(name);
  const histories = [
    await client.workflow.getHandle(id, runId).fetchHistory(),
    await client.workflow.getHandle(childId(id, 'public.readings')).fetchHistory(),
  ];
  const processes = new Set<string>();
  const builds = new Set<string>();
  for (const {
    workflowTaskCompletedEventAttributes: task,
    activityTaskStartedEventAttributes: activity,
  } of histories.flatMap(({ events }) => events ?? [])) {
    for (const identity of [task?.identity, activity?.identity])
      if (identity) processes.add(identity.replace(/@.*/, '@'));
    if (task) builds.add(task.deploymentVersion?.buildId ?? 'none');
  }
  return { processes: [...processes], builds: [...builds] };
}

it('a run ends on the build it began on, its tables as well, while new runs go to the current one', async () => {
  const first = await startBuild('v1.0');
  await setCurrent('v1.0');
  // Held up in the middle: planning the table waits for this lock.
  const lock = await ends.source.connect();
  await lock.query('BEGIN; LOCK TABLE readings IN ACCESS EXCLUSIVE MODE');
  const run = await startSync(client, { sync: name }, taskQueue);
  await until(() => isUnderWay(run.workflowId), { what: 'the first run' });

  const second = await startBuild('v2.0');
  await setCurrent('v2.0');
  await lock.query('COMMIT');
  await lock.end();
  expect(await run.result()).toMatchObject({ ok: true, tables: [{ rows: 20 }] });
  expect(await workedOn(run.firstExecutionRunId)).toEqual({ processes: [first], builds: ['v1.0'] });

  await ends.source.query('INSERT INTO readings SELECT generate_series(21, 30)');
  const synced = await runCli(['sync', '--json'], { folder });
  expect(JSON.parse(synced.stdout)).toMatchObject({ ok: true, tables: [{ rows: 10 }] });
  expect(synced.stderr).not.toMatch(/no worker/i);
  const { runId } = await client.workflow.getHandle(syncWorkflowId(name)).describe();
  expect(await workedOn(runId)).toEqual({ processes: [second], builds: ['v2.0'] });
});

async function isUnderWay(workflowId: string): Promise<boolean> {
  const { raw } = await client.workflow.getHandle(childId(workflowId, 'public.readings')).describe();
  return (raw.pendingActivities ?? []).some(({ lastWorkerIdentity }) => lastWorkerIdentity);
}

it.each([
  ['--build-id', ''],
  ['--build-id', 'a b'],
  ['--deployment', 'plants.north'],
])('a %s of "%s" is refused', async (option, value) => {
  expect(await runCli(['worker', option, value], { folder })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/at most 128 letters/),
  });
});
