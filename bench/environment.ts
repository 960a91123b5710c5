import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client as Temporal, Connection } from '@temporalio/client';
import { type Config } from '../src/config/config';
import { loadConfig } from '../src/config/load';
import { type GuardedProcess, startGuarded, temporaryFolder } from '../src/embedded/guarded-process';
import { startPostgres } from '../src/embedded/postgres';
import { startTemporal } from '../src/embedded/temporal';
import type { ReconcileInput } from '../src/plan/reconcile-wire';
import type { SyncSummary } from '../src/plan/wire';
import { comparisonWorkflowId } from '../src/plan/workflow-ids';
import { startComparison } from '../src/temporal/start-comparison';
import { outcomeOfFailure } from '../src/temporal/run-outcome';
import { startSync } from '../src/temporal/start-sync';
import { hasWorker, taskQueueOf } from '../src/temporal/task-queue';
import { type Cost, historyCost, processorTime } from './cost';
import { Database } from './database';

const CLI = path.resolve(__dirname, '../dist/cli.js');
const WORKER_GRACE_MS = 15_000;
const POLLING_MS = 60_000;

/** One PostgreSQL server with a source and a destination, a durable Temporal dev server, and workers. All temporary. */
export interface Environment {
  source: Database;
  destination: Database;
  /** The PostgreSQL server's version. */
  version: string;
  /** Starts a worker process for one configuration, and waits until it polls. */
  startWorker: (name: string, tables: object[], source?: Database, settings?: Settings) => Promise<Worker>;
}

/** What a configuration says besides its ends and tables. */
export interface Settings {
  /** On each side. */
  maxConnections?: number;
  parallelism?: { tables: number; intervals: number };
}

export interface Worker {
  config: Config;
  pid: number;
  /** From the start of its process to its first poll. */
  startSeconds: number;
  /** Runs the sync, with these tables only where some are named, from its start to its end. Returns its seconds. */
  sync: (tables?: string[]) => Promise<number>;
  /** What the last run of the sync cost. Reads all of its histories. */
  cost: () => Promise<Cost>;
  /** Compares these tables with their sources, from the comparison's start to its end. @throws where they differ */
  verify: (tables: string[]) => Promise<number>;
  stop: () => Promise<void>;
}

/** Everything ends, and the folder goes, when this process does. `settings` are the PostgreSQL server's, besides its own. */
export async function startEnvironment(
  log: (line: string) => void,
  settings: Record<string, string> = {},
): Promise<Environment> {
  const folder = temporaryFolder();
  const [postgres, temporal] = await Promise.all([
    startPostgres({ folder: path.join(folder, 'postgres'), settings }),
    startTemporal({ folder: path.join(folder, 'temporal'), log }),
  ]);
  const root = new Database(postgres, postgres.database);
  await root.run('CREATE DATABASE source');
  await root.run('CREATE DATABASE destination');
  const [version = ''] = await root.run('SHOW server_version');
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Temporal({ connection });

  const ends = {
    source: new Database(postgres, 'source'),
    destination: new Database(postgres, 'destination'),
  };

  const startWorker: Environment['startWorker'] = async (name, tables, source = ends.source, more = {}) => {
    const file = path.join(folder, `${name}.yaml`);
    const { maxConnections, ...parallelism } = more;
    const limit = maxConnections !== undefined && { maxConnections };
    const urls = {
      source: { url: source.url, ...limit },
      destination: { url: ends.destination.url, ...limit },
    };
    // Nothing else writes to this source, so there is nothing for which to wait.
    const settings = { settleDelay: '0 seconds', temporal: { address: temporal.address, taskQueue: name } };
    writeFileSync(file, JSON.stringify({ name, ...urls, ...settings, ...parallelism, tables }));
    const config = await loadConfig(file, {});
    const taskQueue = taskQueueOf(config);
    const logFile = path.join(folder, `${name}.log`);
    const processStartedAt = performance.now();
    const worker = await startGuarded({
      command: process.execPath,
      args: [CLI, 'worker', '-c', file],
      cwd: folder,
      logFile,
      stopSignal: 'SIGTERM',
      graceMs: WORKER_GRACE_MS,
    });
    const deadline = Date.now() + POLLING_MS;
    while (!(await hasWorker({ client, namespace: 'default', taskQueue }))) {
      refuseEnded(worker, logFile);
      if (Date.now() > deadline) throw new Error(`The worker does not poll; its log is ${logFile}.`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    let last: { summary: SyncSummary; workerMs: number | undefined } | undefined;
    return {
      config,
      pid: worker.pid,
      startSeconds: (performance.now() - processStartedAt) / 1000,
      sync: async (names) => {
        const startedAt = performance.now();
        const before = processorTime(worker.pid);
        const handle = await startSync(client, { sync: name, ...(names && { tables: names }) }, taskQueue);
        const summary = await handle.result().catch(explain);
        const seconds = (performance.now() - startedAt) / 1000;
        const after = processorTime(worker.pid);
        const workerMs = before === undefined || after === undefined ? undefined : after - before;
        last = { summary, workerMs };
        return seconds;
      },
      cost: async () => {
        if (last === undefined) throw new Error('Nothing was copied yet.');
        const { tables } = last.summary;
        const copied = tables.filter(({ batches }) => batches > 0).map(({ table }) => table);
        const batches = tables.reduce((sum, table) => sum + table.batches, 0);
        return { batches, workerMs: last.workerMs, ...(await historyCost(client, name, copied)) };
      },
      verify: async (names) => {
        const startedAt = performance.now();
        const input: ReconcileInput = { sync: name, tables: names, depth: 'full', repair: false };
        const workflowId = comparisonWorkflowId(name, 'verify');
        await (await startComparison(client, workflowId, input, taskQueue)).result();
        return (performance.now() - startedAt) / 1000;
      },
      stop: () => worker.stop(),
    };
  };
  return { ...ends, version, startWorker };
}

/** @throws what the run failed of; Temporal's own error says only that it failed */
function explain(error: unknown): never {
  throw new Error(outcomeOfFailure(error).failure?.message, { cause: error });
}

function refuseEnded({ ended }: GuardedProcess, logFile: string): void {
  if (ended !== undefined) throw new Error(`The worker ended by itself (${ended}); its log is ${logFile}.`);
}
