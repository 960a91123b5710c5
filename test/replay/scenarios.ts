import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import type { SyncProgress } from '../../src/plan/wire';
import { childId, comparisonWorkflowId, syncWorkflowId, watchWorkflowId } from '../../src/plan/workflow-ids';
import { startComparison } from '../../src/temporal/start-comparison';
import { startSync } from '../../src/temporal/start-sync';
import { createDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/poll';
import { connectTemporal, temporalAddress, uniqueName } from '../support/temporal';

/** A run whose history is worth keeping. */
export interface Scenario {
  name: string;
  /** Runs it to its end, and names the workflows whose histories tell of it. */
  run: () => Promise<{ client: Client; workflowIds: Record<string, string>; close: () => Promise<void> }>;
}

/** A sync of two small tables with a worker process of its own. */
interface Plant {
  name: string;
  client: Client;
  source: TestDatabase;
  destination: TestDatabase;
  startWorker: () => ChildProcess;
  start: () => ReturnType<typeof startSync>;
  query: () => Promise<SyncProgress>;
  close: () => Promise<void>;
}

const READINGS = 'public.readings';
const DEVICES = 'public.devices';

async function createPlant(
  batchRows: number,
  { readings, limits, settings }: { readings: object; limits: object; settings: object },
): Promise<Plant> {
  const [source, destination] = [await createDatabase(), await createDatabase()];
  await source.query(`
    CREATE TABLE readings (at timestamptz, sensor int, value float8, PRIMARY KEY (sensor, at));
    INSERT INTO readings SELECT '2026-01-01'::timestamptz + i * interval '1 minute', i % 7, i FROM generate_series(1, 400) i;
    CREATE TABLE devices (id int PRIMARY KEY, changed_at timestamptz NOT NULL, label text);
    INSERT INTO devices SELECT i, '2026-01-01'::timestamptz + i * interval '1 hour', 'device' FROM generate_series(1, 20) i;
    ANALYZE`);
  const name = uniqueName('plant');
  const folder = temporaryFolder();
  const file = path.join(folder, 'tidemark.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      name,
      source: { url: source.url, ...limits },
      destination: { url: destination.url },
      settleDelay: '100 ms',
      ...settings,
      defaults: { batch: { rows: batchRows }, lookback: '1 minute' },
      temporal: { address: temporalAddress(), taskQueue: name },
      tables: [
        { name: READINGS, cursor: 'at', ...readings },
        { name: DEVICES, cursor: 'changed_at' },
      ],
    }),
  );
  const client = await connectTemporal();
  const workers: ChildProcess[] = [];
  const cli = path.resolve(__dirname, '../../dist/cli.js');
  return {
    name,
    client,
    source,
    destination,
    startWorker: () => {
      const worker = spawn(process.execPath, [cli, 'worker', '-c', file], { stdio: 'ignore' });
      workers.push(worker);
      process.once('exit', () => worker.kill('SIGKILL'));
      return worker;
    },
    start: () => startSync(client, { sync: name }, name),
    query: () => client.workflow.getHandle(syncWorkflowId(name)).query<SyncProgress>('progress'),
    close: async () => {
      await Promise.all(workers.map(end));
      await client.connection.close();
      await Promise.all([source.drop(), destination.drop()]);
    },
  };
}

function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.kill('SIGTERM');
  });
}

function idsOf({ name }: Plant): Record<string, string> {
  const id = syncWorkflowId(name);
  return { sync: id, readings: childId(id, READINGS), devices: childId(id, DEVICES) };
}

interface ScenarioOptions {
  /** Settings of the table of readings. */
  readings?: object;
  /** Of the source. */
  limits?: () => object;
  /** Of the whole file. */
  settings?: object;
  /** Where not those of a sync and its tables. */
  workflowIds?: (plant: Plant) => Record<string, string>;
}

function scenario(
  name: string,
  batchRows: number,
  act: (plant: Plant) => Promise<void>,
  { readings = {}, limits = () => ({}), settings = {}, workflowIds = idsOf }: ScenarioOptions = {},
): Scenario {
  return {
    name,
    run: async () => {
      const plant = await createPlant(batchRows, { readings, limits: limits(), settings });
      await act(plant);
      return { client: plant.client, workflowIds: workflowIds(plant), close: plant.close };
    },
  };
}

/** A comparison of its own: its run, that of the readings, and what that copied again. */
function comparisonIdsOf({ name }: Plant): Record<string, string> {
  const id = comparisonWorkflowId(name, 'reconcile');
  const readings = childId(id, READINGS);
  return { reconcile: id, readings, devices: childId(id, DEVICES), copy: childId(readings, 'copy') };
}

/** A comparison as part of a sync. */
function comparedIdsOf(plant: Plant): Record<string, string> {
  const { sync = '', readings = '' } = idsOf(plant);
  return { sync, readings, comparison: `${readings}/reconcile`, copy: `${readings}/reconcile/copy` };
}

function compare({ client, name }: Plant): Promise<unknown> {
  const input = { sync: name, depth: 'full' } as const;
  return startComparison(client, comparisonWorkflowId(name, 'reconcile'), input, name).then((run) =>
    run.result().catch(() => undefined),
  );
}

/** Some behind the watermark, that no sync reads again. */
async function changeBehind({ source }: Plant): Promise<void> {
  await source.query(`
    UPDATE readings SET value = -1 WHERE sensor = 3 AND value < 100;
    INSERT INTO readings VALUES ('2026-01-01 00:00:30+00', 99, 0);
    DELETE FROM readings WHERE value = 250`);
}

/** Waits until the readings' run has copied some batches, and not all. */
async function inTheMiddle({ client, name }: Plant): Promise<void> {
  const handle = client.workflow.getHandle(childId(syncWorkflowId(name), READINGS));
  await until(async () => {
    try {
      return (await handle.query<{ batches: number }>('progress')).batches >= 3;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  });
}

/** They end with the minute, for another one; the pace makes the run longer than that. */
function hoursThatEnd(): object {
  const inMinutes = (minutes: number): string =>
    new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  return { maxRowsPerSecond: 5, hours: { from: inMinutes(2), to: inMinutes(1) } };
}

export const scenarios: Scenario[] = [
  scenario('first-load', 50, async (plant) => {
    plant.startWorker();
    await (await plant.start()).result();
  }),
  scenario('incremental', 50, async (plant) => {
    plant.startWorker();
    await (await plant.start()).result();
    await plant.source.query(
      `INSERT INTO readings SELECT now() - interval '2 seconds', 100 + i, i FROM generate_series(1, 120) i`,
    );
    await (await plant.start()).result();
  }),
  scenario('failed-table', 50, async (plant) => {
    await plant.destination.query(
      `CREATE TABLE devices (id int PRIMARY KEY, changed_at timestamptz, label int)`,
    );
    plant.startWorker();
    await (await plant.start()).result().catch(() => undefined);
  }),
  scenario('pause', 20, async (plant) => {
    plant.startWorker();
    const run = await plant.start();
    await inTheMiddle(plant);
    await run.executeUpdate('pause');
    await run.executeUpdate('resume');
    await run.result();
  }),
  scenario('steer', 20, async (plant) => {
    await plant.destination.query(
      `CREATE TABLE devices (id int PRIMARY KEY, changed_at timestamptz, label int)`,
    );
    plant.startWorker();
    const run = await plant.start();
    await inTheMiddle(plant);
    const steer = (update: string, input: object) => run.executeUpdate(update, { args: [input] });
    await steer('pause', { table: READINGS });
    await steer('tune', { table: READINGS, intervals: 1, batchRows: 10 });
    await until(async () => (await plant.query()).tables.some(({ state }) => state === 'failed'));
    await plant.destination.query('DROP TABLE devices');
    await steer('retry', { table: DEVICES });
    await until(async () => (await plant.query()).tables.some(({ state }) => state === 'completed'));
    await steer('resume', {});
    await steer('skip', { table: READINGS });
    await run.result();
  }),
  scenario(
    'alarms',
    50,
    async (plant) => {
      plant.startWorker();
      await (await plant.start()).result();
      await (await plant.start()).result();
    },
    {
      // Nothing is told, since nothing fails.
      settings: { alarms: { webhook: 'http://127.0.0.1:9/', stall: '10 minutes' } },
      workflowIds: (plant) => ({ ...idsOf(plant), watch: watchWorkflowId(plant.name) }),
    },
  ),
  scenario('cancel', 10, async (plant) => {
    plant.startWorker();
    const run = await plant.start();
    await inTheMiddle(plant);
    await run.cancel();
    await run.result().catch(() => undefined);
  }),
  scenario('continue-as-new', 8, async (plant) => {
    plant.startWorker();
    await (await plant.start()).result();
  }),
  scenario('resume-after-kill', 20, async (plant) => {
    const worker = plant.startWorker();
    const run = await plant.start();
    await inTheMiddle(plant);
    worker.kill('SIGKILL');
    plant.startWorker();
    await run.result();
  }),
  scenario(
    'reconcile',
    50,
    async (plant) => {
      plant.startWorker();
      await (await plant.start()).result();
      await changeBehind(plant);
      await compare(plant);
    },
    { readings: { deletes: 'mirror' }, workflowIds: comparisonIdsOf },
  ),
  scenario(
    'deletes-refused',
    50,
    async (plant) => {
      plant.startWorker();
      await (await plant.start()).result();
      await plant.source.query('DELETE FROM readings WHERE value > 200');
      await compare(plant);
    },
    { readings: { deletes: 'mirror' }, workflowIds: comparisonIdsOf },
  ),
  scenario(
    'reconcile-in-sync',
    50,
    async (plant) => {
      plant.startWorker();
      await (await plant.start()).result();
      await changeBehind(plant);
      await (await plant.start()).result();
    },
    { readings: { deletes: 'mirror', reconcile: 'full' }, workflowIds: comparedIdsOf },
  ),
  scenario(
    'closed',
    50,
    async (plant) => {
      plant.startWorker();
      await (await plant.start()).result();
    },
    { limits: hoursThatEnd },
  ),
];
