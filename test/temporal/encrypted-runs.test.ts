import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { loadConfig } from '../../src/config/load';
import type { Encryption } from '../../src/config/config';
import type { SyncSummary } from '../../src/plan/wire';
import { childId, syncWorkflowId } from '../../src/plan/workflow-ids';
import { connectClient, connectWorker } from '../../src/temporal/connect';
import { readHeldUp } from '../../src/temporal/read-progress';
import { startSync } from '../../src/temporal/start-sync';
import { createWorker } from '../../src/worker';
import { createDatabase, type TestDatabase } from '../support/database';
import { encryptionWith } from '../support/encryption';
import { until } from '../support/poll';
import { historyText, summaryOf } from '../support/sync-harness';
import { connectTemporal, temporalAddress, uniqueName } from '../support/temporal';

/* Real runs, with workers and clients that have keys or have not. */

const namespace = 'default';
let plain: Client;
let ends: { source: TestDatabase; destination: TestDatabase };
let folder: string;

beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'off', forward: {} } },
  });
  plain = await connectTemporal();
  ends = { source: await createDatabase(), destination: await createDatabase() };
  folder = await mkdtemp(path.join(tmpdir(), 'tidemark-test-'));
  // A bound, a column's name and an index's, all of which get into history, by results or failures.
  await ends.source.query(`
    CREATE TABLE good (n bigint PRIMARY KEY, canary_value text);
    INSERT INTO good SELECT i, 'x' FROM generate_series(770077001, 770077009) i;
    CREATE TABLE bad (n bigint PRIMARY KEY, value int);
    INSERT INTO bad VALUES (1, 1)`);
});
afterAll(async () => {
  await plain.connection.close();
  await Promise.all([ends.source.drop(), ends.destination.drop(), rm(folder, { recursive: true })]);
});

interface Scene {
  name: string;
  taskQueue: string;
  client: (encryption?: Encryption) => Promise<Client>;
  /** Runs a worker with these keys while `fn` lasts. */
  during: <T>(encryption: Encryption | undefined, fn: () => Promise<T>) => Promise<T>;
}

async function scene(tables: unknown[], other: object = {}): Promise<Scene> {
  const name = uniqueName('sync');
  const taskQueue = uniqueName('queue');
  const file = path.join(folder, `${name}.yaml`);
  const urls = { source: { url: ends.source.url }, destination: { url: ends.destination.url } };
  await writeFile(file, JSON.stringify({ name, settleDelay: '1 ms', ...urls, tables, ...other }));
  const config = await loadConfig(file, {});
  const temporal = (encryption?: Encryption) => ({
    address: temporalAddress(),
    namespace,
    ...(encryption && { encryption }),
  });
  return {
    name,
    taskQueue,
    client: async (encryption) => {
      const { client, close } = await connectClient(temporal(encryption));
      closing.push(close);
      return client;
    },
    during: async (encryption, fn) => {
      const connection = await connectWorker(temporal(encryption));
      const worker = await createWorker({ configs: [config], connection, namespace, taskQueue, encryption });
      const running = worker.run();
      try {
        return await fn();
      } finally {
        worker.shutdown();
        await running;
        await connection.close();
      }
    },
  };
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const good = { name: 'good', cursor: 'n' };
/** What is wrong with it is told by name: there is no such column. */
const bad = { name: 'bad', cursor: 'n', key: ['canary_key'] };

describe('what Temporal stores', () => {
  const stored = async (
    encryption: Encryption | undefined,
  ): Promise<{ text: string; summary: SyncSummary }> => {
    const { name, taskQueue, client, during } = await scene([good, bad]);
    const own = await client(encryption);
    const summary = await during(encryption, async () =>
      summaryOf(await startSync(own, { sync: name }, taskQueue)),
    );
    return { text: await historyText(plain, syncWorkflowId(name), ['public.good', 'public.bad']), summary };
  };

  it('holds bounds, names and failures in plain text without encryption', async () => {
    const { text } = await stored(undefined);
    expect(text).toContain('canary_key');
    expect(text).toContain('7700770');
  });

  it('holds none of them with it: no input, result, summary, failure, stack', async () => {
    const { text, summary } = await stored(encryptionWith('k1'));
    expect(text).not.toContain('canary');
    expect(text).not.toContain('7700770');
    expect(text).not.toMatch(/\bat .*\.[jt]s:\d+/);
    expect(text).toContain('Encoded failure');
    expect(summary.tables.map(({ table, state }) => [table, state])).toEqual([
      ['public.good', 'completed'],
      ['public.bad', 'failed'],
    ]);
    expect(summary.tables[1]?.error?.message).toContain('canary_key');
  });
});

it('a run outlives a rotation, and waits for a key that its worker lacks', async () => {
  const { name, taskQueue, client, during } = await scene([good]);
  const before = await client(encryptionWith('k1'));
  const run = await begin(before, name, taskQueue);
  const failed = await during(encryptionWith('k2'), () => until(() => failedTask(run.workflowId)));
  expect(failed).toBe('Encoded failure');
  const after = await client(encryptionWith('k2', 'k1'));
  const summary = await during(
    encryptionWith('k2', 'k1'),
    () => after.workflow.getHandle(run.workflowId).result() as Promise<SyncSummary>,
  );
  expect(summary).toMatchObject({ ok: true, tables: [{ rows: 9 }] });
  await expect(before.workflow.getHandle(run.workflowId).result()).rejects.toThrow(
    /the key 'k2', which is not configured here\. Add it under temporal\.encryption\.keys/,
  );
});

it('a run that was begun in plaintext waits, until plaintext is accepted', async () => {
  const { name, taskQueue, client, during } = await scene([good]);
  const run = await begin(await client(), name, taskQueue);
  const strict = encryptionWith('k1');
  await during(strict, () => until(() => failedTask(run.workflowId)));
  const lenient = { ...strict, acceptPlaintext: true };
  const own = await client(lenient);
  const summary = await during(
    lenient,
    () => own.workflow.getHandle(run.workflowId).result() as Promise<SyncSummary>,
  );
  expect(summary).toMatchObject({ ok: true });
});

it('what holds an encrypted run up can be read by who has the key, and by nobody else', async () => {
  const nowhere = 'postgres://u:p@127.0.0.1:1/canary_database';
  const { name, taskQueue, client, during } = await scene([good], { destination: { url: nowhere } });
  const own = await client(encryptionWith('k1'));
  const run = await startSync(own, { sync: name }, taskQueue);
  const heldUp = () => until(() => readHeldUp(own, childId(run.workflowId, 'public.good')));
  await during(encryptionWith('k1'), async () => {
    expect((await heldUp()).message).toContain('canary_database');
    await expect(readHeldUp(await client(), childId(run.workflowId, 'public.good'))).rejects.toThrow(
      /the key 'k1', which is not configured here/,
    );
    await run.terminate();
  });
});

it('each run of a schedule can read what the last one left', async () => {
  const { name, taskQueue, client, during } = await scene([good]);
  const own = await client(encryptionWith('k1'));
  const schedule = await own.schedule.create({
    scheduleId: uniqueName('schedule'),
    spec: {},
    action: {
      type: 'startWorkflow',
      workflowType: 'sync',
      args: [{ sync: name }],
      workflowId: syncWorkflowId(name),
      taskQueue,
    },
  });
  try {
    await during(encryptionWith('k1'), async () => {
      for (const nth of [1, 2]) {
        const ids = await until(async () => {
          const { info } = await schedule.describe();
          if (info.recentActions.length < nth) await schedule.trigger('SKIP');
          return info.recentActions.length >= nth ? info.recentActions.map(workflowIdOf) : undefined;
        });
        const last = ids.at(-1) ?? '';
        expect(last).not.toBe(syncWorkflowId(name));
        expect(await own.workflow.getHandle(last).result()).toMatchObject({ ok: true });
      }
    });
  } finally {
    await schedule.delete();
  }
});

function begin(client: Client, name: string, taskQueue: string) {
  return client.workflow.start('sync', {
    workflowId: syncWorkflowId(name),
    taskQueue,
    args: [{ sync: name }],
  });
}

function workflowIdOf({ action }: { action: { workflow: { workflowId: string } } }): string {
  return action.workflow.workflowId;
}

/** What history says of the workflow task that failed. */
async function failedTask(workflowId: string): Promise<string | null | undefined> {
  const { events } = await plain.workflow.getHandle(workflowId).fetchHistory();
  const failed = events?.find(({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes);
  return failed?.workflowTaskFailedEventAttributes?.failure?.message;
}
