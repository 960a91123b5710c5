import type { Client } from '@temporalio/client';
import { configuredTable, qualified } from '../activities/configured-tables';
import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import { syncWorkflowId } from '../plan/workflow-ids';
import { parseTableName } from '../postgres/identifiers';
import type { RunOutcome } from '../temporal/run-outcome';
import { startSync } from '../temporal/start-sync';
import { hasWorker } from '../temporal/task-queue';
import { CommandError } from './command-error';
import { exitCodes } from './exit-codes';
import { type FollowedRun, LostTemporal } from './follow-run';
import { followThrough, noWorker } from './follow-through';
import { onInterrupt } from './interrupt';
import { keepLastRun } from './last-run';
import { type OpenTemporal, openTemporal } from './open-temporal';
import { preflight } from './preflight';
import { openProgress } from './progress-view';
import type { RunningWorker } from './run-embedded-worker';
import { exitCodeOf, printOutcome } from './sync-summary';
import type { SyncOptions } from './sync';
import { installTemporalLog } from './temporal-log';
import { unknownTable } from './unknown-table';

/** An embedded server that goes away is started again this often: it may have been another process's that ended. */
const MOST_REOPENINGS = 3;

/**
 * 1. Checks the configuration and connects to both ends, so that what cannot work is said at once.
 * 2. Opens Temporal: the configured one, or the embedded one with a worker in this process.
 * 3. Starts the sync's workflow, or finds the one that is under way, and follows it to its end.
 */
export async function runSync(options: SyncOptions): Promise<number> {
  const config = await loadConfig(options.config);
  const tables = options.table?.map((table) => nameOf(config, table));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await preflight(config, say);
  await installTemporalLog(debugLog, process.env['TIDEMARK_DEBUG'] === '1' ? 'INFO' : 'ERROR');
  const outcome = await syncToEnd(config, tables, options, say);
  if (outcome === 'interrupted') return exitCodes.interrupted;
  if (!config.temporal) await keepLastRun(config, outcome);
  printOutcome(config.name, outcome, options.json ?? false);
  return exitCodeOf(outcome);
}

async function syncToEnd(
  config: Config,
  tables: string[] | undefined,
  options: SyncOptions,
  say: (line: string) => void,
): Promise<RunOutcome | 'interrupted'> {
  const progress = openProgress(options.json ?? false);
  const interruption = onInterrupt(() => progress.close());
  let run: FollowedRun | undefined;
  try {
    for (let opened = 1; ; opened++) {
      const temporal = await openTemporal(config, say);
      const worker = await workerIfNeeded(config, temporal, say, options.config);
      try {
        run ??= await begin(temporal, config, tables, say);
        const outcome = await Promise.race([
          followThrough(temporal, run, progress, options.config),
          interruption.happened,
        ]);
        progress.close();
        if (outcome !== 'interrupted') return outcome;
        say(whatHappensNow(config, temporal, run, worker !== undefined));
        return outcome;
      } catch (error) {
        if (!(error instanceof LostTemporal)) throw error;
        if (opened === MOST_REOPENINGS) throw lost(temporal);
      } finally {
        await worker?.drain();
        await temporal.close();
      }
    }
  } finally {
    progress.close();
    interruption.stop();
  }
}

async function begin(
  { client, taskQueue, embedded }: OpenTemporal,
  config: Config,
  tables: string[] | undefined,
  say: (line: string) => void,
): Promise<FollowedRun> {
  const workflowId = syncWorkflowId(config.name);
  const before = await runUnderWay(client, workflowId);
  const handle = await startSync(client, { sync: config.name, ...(tables && { tables }) }, taskQueue);
  if (before) {
    const since = before.toISOString().slice(0, 19).replace('T', ' ');
    const resumed = embedded && !embedded.attached;
    const patience = resumed
      ? ' Batches that a killed process had in flight are taken up after about 10 seconds.'
      : '';
    const scope = tables ? ' It copies the tables that it was begun with.' : '';
    say(
      `${resumed ? 'Going on with' : 'Following'} the run that was begun at ${since} UTC.${scope}${patience}`,
    );
  }
  return { workflowId, runId: handle.firstExecutionRunId };
}

async function runUnderWay(client: Client, workflowId: string): Promise<Date | undefined> {
  const found = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  return found?.status.name === 'RUNNING' ? found.startTime : undefined;
}

/** The embedded server comes with a worker, unless it is another process's that has one. */
async function workerIfNeeded(
  config: Config,
  temporal: OpenTemporal,
  say: (line: string) => void,
  file: string,
): Promise<RunningWorker | undefined> {
  const { embedded } = temporal;
  const served = (!embedded || embedded.attached) && (await hasWorker(temporal));
  if (!embedded) {
    if (!served) say(noWorker(temporal, file));
    return undefined;
  }
  if (served) {
    say(`Another Tidemark is at work in this folder (Temporal at ${embedded.address}): its worker copies.`);
    return undefined;
  }
  say(
    `No Temporal is configured: running a server of its own on ${embedded.address} (state in .tidemark/) and a worker in this process.`,
  );
  const { runWorkerFor } = await import('./run-embedded-worker.js');
  return runWorkerFor(config, temporal);
}

function nameOf(config: Config, written: string): string {
  return (configuredTable(config, qualified(parseTableName(written))) ?? unknownTable(config, written)).name;
}

function whatHappensNow(
  config: Config,
  { embedded, config: { address, namespace } }: OpenTemporal,
  { workflowId }: FollowedRun,
  ownWorker: boolean,
): string {
  if (embedded && ownWorker)
    return 'Stopping: batches in flight end or are rolled back (Ctrl-C again: at once). The next tidemark sync goes on from here.';
  if (embedded) return 'Detached; the run goes on in the other process.';
  const command = `temporal workflow cancel --address ${address} --namespace ${namespace} --workflow-id '${workflowId}'`;
  return `Detached: the run of ${config.name} goes on. To cancel it: ${command}`;
}

function lost({ config: { address } }: OpenTemporal): CommandError {
  return new CommandError(
    'connection',
    `Temporal at ${address} went away`,
    'Run tidemark sync again: it goes on where it stopped.',
  );
}

const debugLog = (level: string, message: string, fields: object): void => {
  if (process.env['TIDEMARK_DEBUG'] === '1')
    process.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`);
};
