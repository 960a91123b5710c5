import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import type { BatchMoment, SyncResources } from '../../src/activities/dependencies';
import { createPulse } from '../../src/activities/pulse';
import type { Config } from '../../src/config/config';
import { loadConfig } from '../../src/config/load';
import type { Comparison, ReconcileInput, ReconcileSummary } from '../../src/plan/reconcile-wire';
import type { BatchInput, SyncSummary, TableProgress } from '../../src/plan/wire';
import { comparisonWorkflowId } from '../../src/plan/workflow-ids';
import { dataConverterOf } from '../../src/temporal/data-converter';
import { startComparison } from '../../src/temporal/start-comparison';
import { startSync } from '../../src/temporal/start-sync';
import { openResources, workflowSource } from '../../src/worker';
import { createDatabase, type TestDatabase } from './database';
import { expectEqualMultisets } from './multiset';
import { connectTemporal, temporalAddress, uniqueName } from './temporal';

/** What stands in the configuration file besides the name; `source` and `destination` are the harness's own databases unless given. */
export interface SyncSettings {
  tables: unknown[];
  [key: string]: unknown;
}

export type SyncHandle = Awaited<ReturnType<typeof startSync>>;

export interface TestSync {
  name: string;
  config: Config;
  /** Starts a run, or finds the one under way. */
  start(tables?: string[]): Promise<SyncHandle>;
  /** Runs to the end. The summary of a run that fails, too: look at `ok`. @throws when it ended without one */
  run(tables?: string[]): Promise<SyncSummary>;
  /** Runs to the end and gives the only table's outcome. @throws when it did not complete */
  copy(): Promise<TableProgress>;
  /** Runs to the end and gives the only table's failure. @throws when it completed */
  fail(): Promise<{ type: string; message: string }>;
  /** Compares, repairs unless told not to, and gives the only table's comparison, also where it failed or differs. */
  reconcile(input?: Omit<ReconcileInput, 'sync'>): Promise<Comparison>;
}

export interface SyncHarness {
  client: Client;
  /** The task queue of the harness's worker. */
  taskQueue: string;
  source: TestDatabase;
  destination: TestDatabase;
  /** Where configuration files are, for others that they name. */
  folder: string;
  /** Writes a configuration file, reads it as the product does, and gives it to the worker; in place of one of its name. */
  configure(settings: SyncSettings): Promise<TestSync>;
  /** A sync of one table by its column `at`, unless the table's settings name another, that has copied it once. */
  copied(table: { name: string; [key: string]: unknown }): Promise<TestSync>;
  /** @throws with the rows that differ; compares text. `target` is the source's name unless given */
  expectEqual(table: string, target?: string, columns?: string): Promise<void>;
  /** Called at the moments of every batch, which waits for it; what it throws, the batch fails with. Undefined: nobody. */
  onMoment: ((moment: BatchMoment, batch: BatchInput) => void | Promise<void>) | undefined;
  /** The present instant for the worker, in milliseconds since 1970. */
  now: () => number;
  stop(): Promise<void>;
}

export interface HarnessOptions {
  /** Databases at its ends, dropped with it; empty ones unless given. */
  source?: TestDatabase;
  destination?: TestDatabase;
  /** How many activities its worker runs at once. */
  slots?: number;
}

/** A worker in this process with a task queue of its own, and a database at each end. For a whole test file. */
export async function startSyncHarness(options: HarnessOptions = {}): Promise<SyncHarness> {
  // Tables fail on purpose in many tests: that one does is no news.
  const logger = new DefaultLogger('ERROR', ({ message, meta }) => {
    if (meta?.['sdkComponent'] !== 'workflow') console.error(message, meta);
  });
  Runtime.install({ logger });
  const taskQueue = uniqueName('queue');
  const syncs = new Map<string, SyncResources>();
  const [client, connection, source, destination, folder] = await Promise.all([
    connectTemporal(),
    NativeConnection.connect({ address: temporalAddress() }),
    options.source ?? createDatabase(),
    options.destination ?? createDatabase(),
    mkdtemp(path.join(tmpdir(), 'tidemark-test-')),
  ]);
  const worker = await Worker.create({
    connection,
    taskQueue,
    ...workflowSource(),
    dataConverter: dataConverterOf('default', undefined),
    activities: createActivities({
      syncs,
      now: () => harness.now(),
      reached: (moment, batch) => {
        const held = harness.onMoment?.(moment, batch);
        // In mid-copy nobody waits.
        return held instanceof Promise && moment !== 'mid-copy' ? alive(held) : held;
      },
    }),
    ...(options.slots !== undefined && { maxConcurrentActivityTaskExecutions: options.slots }),
    maxHeartbeatThrottleInterval: '2 seconds',
    shutdownGraceTime: '1 second',
    shutdownForceTime: '2 minutes',
  });
  const running = worker.run();

  const harness: SyncHarness = {
    client,
    taskQueue,
    source,
    destination,
    folder,
    onMoment: undefined,
    now: Date.now,
    async configure(settings) {
      const name = (settings['name'] as string | undefined) ?? uniqueName('sync');
      const file = path.join(folder, `${name}.yaml`);
      const urls = { source: { url: source.url }, destination: { url: destination.url } };
      await writeFile(file, JSON.stringify({ name, settleDelay: '1 ms', ...urls, ...settings }));
      const config = await loadConfig(file, {});
      await closeResources(syncs.get(name));
      syncs.set(name, openResources(config));
      return testSync(client, taskQueue, config);
    },
    async copied(table) {
      const sync = await harness.configure({ tables: [{ cursor: 'at', ...table }] });
      await sync.copy();
      return sync;
    },
    async expectEqual(table, target = table, columns = '*') {
      // Not kept: embedded TimescaleDB serves one connection at a time.
      const [left, right] = await Promise.all([source.connect(), destination.connect()]);
      try {
        await expectEqualMultisets(
          { client: left, sql: `SELECT ${columns} FROM ${table}` },
          { client: right, sql: `SELECT ${columns} FROM ${target}` },
        );
      } finally {
        await Promise.all([left.end(), right.end()]);
      }
    },
    async stop() {
      worker.shutdown();
      await running;
      await Promise.all([...syncs.values()].map(closeResources));
      await Promise.all([client.connection.close(), connection.close()]);
      await Promise.all([source.drop(), destination.drop(), rm(folder, { recursive: true })]);
    },
  };
  return harness;
}

/** A batch that a test holds is not a dead one, and ends when it is cancelled. */
async function alive(held: Promise<void>): Promise<void> {
  await createPulse().while(Promise.race([held, Context.current().cancelled]));
}

async function closeResources(resources: SyncResources | undefined): Promise<void> {
  await Promise.all([resources?.source.end(), resources?.destination.end()]);
}

function testSync(client: Client, taskQueue: string, config: Config): TestSync {
  const { name } = config;
  const start = (tables?: string[]) =>
    startSync(client, { sync: name, ...(tables && { tables }) }, taskQueue);
  const run = async (tables?: string[]) => summaryOf(await start(tables));
  const only = async (): Promise<TableProgress> => {
    const { tables } = await run();
    const [table] = tables;
    if (table === undefined || tables.length > 1) throw new Error(`The sync has ${tables.length} tables`);
    return table;
  };
  return {
    name,
    config,
    start,
    run,
    async copy() {
      const table = await only();
      if (table.state !== 'completed') throw new Error(`${table.state}: ${table.error?.message ?? ''}`);
      return table;
    },
    async fail() {
      const { state, error } = await only();
      if (error === undefined) throw new Error(`It did not fail, it is ${state}`);
      return error;
    },
    async reconcile(input = {}) {
      const handle = await startComparison(
        client,
        comparisonWorkflowId(name, 'reconcile'),
        { sync: name, ...input },
        taskQueue,
      );
      const { tables } = await summaryOf<ReconcileSummary>(handle);
      const [table] = tables;
      if (table === undefined || tables.length > 1) throw new Error(`The sync has ${tables.length} tables`);
      return table;
    },
  };
}

/** A run's summary, whether it succeeded or not. @throws what it failed with, when that holds no summary */
export async function summaryOf<Summary = SyncSummary>(handle: {
  result(): Promise<Summary>;
}): Promise<Summary> {
  try {
    return await handle.result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)) throw error;
    const [summary] = (error.cause.details ?? []) as Summary[];
    if (summary === undefined) throw error.cause;
    return summary;
  }
}

/** Everything in the histories of a run and of its tables' runs, as stored, to search in. */
export async function historyText(client: Client, workflowId: string, tables: string[]): Promise<string> {
  const ids = [workflowId, ...tables.map((table) => `${workflowId}/${table}`)];
  const texts = ids.map(async (id) => {
    const history = await client.workflow.getHandle(id).fetchHistory();
    const described = { namespace: client.options.namespace, execution: { workflowId: id } };
    return textsIn([history, await client.workflowService.describeWorkflowExecution(described)]).join('\n');
  });
  return (await Promise.all(texts)).join('\n');
}

/** Every text anywhere in a value. Not by JSON: there, payloads are base64. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString()];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
