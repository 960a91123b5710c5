import type { Config } from '../config/config';
import { asUnreachable } from '../temporal/as-unreachable';
import type { RunOutcome } from '../temporal/run-outcome';
import { hasWorker } from '../temporal/task-queue';
import { TemporalUnreachable } from '../temporal/temporal-unreachable';
import { CommandError } from './command-error';
import type { FollowedRun, ReadProgress } from './follow-run';
import { followThrough, noWorker } from './follow-through';
import { onInterrupt } from './interrupt';
import { type OpenTemporal, openTemporal } from './open-temporal';
import type { CommonOptions } from './options';
import { preflight } from './preflight';
import { openProgress } from './progress-view';
import type { RunningWorker } from './run-embedded-worker';
import { say } from './say';
import { installTemporalLog } from './temporal-log';

/** How often an embedded server that goes away is opened anew: it may have been another process's that ended. */
const MOST_LOSSES = 3;
/** How many runs that others began are followed to their ends before what came of the last one is told. */
const MOST_OTHERS = 3;

/** What a command starts and follows. */
export interface Job<Summary> {
  /** `sync`, `reconcile` or `verify`: what to call again. */
  command: string;
  /** Starts the run, or finds the one under way. */
  begin: (temporal: OpenTemporal) => Promise<FollowedRun>;
  /** Asks the run how far it is. */
  read: ReadProgress;
  /** Whether what was under way was another run than the one asked for, which is begun then. */
  isOther?: (outcome: RunOutcome<Summary>) => boolean;
}

/**
 * Opens Temporal (the configured one, or the embedded one with a worker in this process), begins a run there, and
 * follows it to its end.
 */
export async function runToEnd<Summary>(
  config: Config,
  options: CommonOptions,
  job: Job<Summary>,
): Promise<RunOutcome<Summary> | 'interrupted'> {
  await preflight(config, say);
  await installTemporalLog(debugLog, process.env['TIDEMARK_DEBUG'] === '1' ? 'INFO' : 'ERROR');
  const progress = openProgress(options.json ?? false);
  const interruption = onInterrupt(() => progress.close());
  let run: FollowedRun | undefined;
  try {
    for (let losses = 0, others = 0; ;) {
      let temporal: OpenTemporal | undefined;
      let worker: RunningWorker | undefined;
      const follow = async (opened: OpenTemporal): Promise<RunOutcome<Summary>> => {
        run ??= await job.begin(opened);
        return followThrough<Summary>(opened, run, job.read, progress, options.config);
      };
      try {
        temporal = await openTemporal(config, say);
        worker = await workerIfNeeded(config, temporal, options.config);
        const outcome = await Promise.race([follow(temporal), interruption.happened, lossOf(temporal)]);
        if (outcome !== 'interrupted' && others < MOST_OTHERS && job.isOther?.(outcome)) {
          others += 1;
          run = undefined;
          continue;
        }
        progress.close();
        if (outcome === 'interrupted')
          say(whatHappensNow(config, temporal, job, options.config, worker !== undefined));
        return outcome;
      } catch (thrown) {
        const error = temporal ? asUnreachable(temporal.config.address, thrown) : thrown;
        if (config.temporal || !(error instanceof TemporalUnreachable)) throw error;
        losses += 1;
        if (losses === MOST_LOSSES) throw lost(error, job);
      } finally {
        await worker?.drain();
        await temporal?.close();
      }
    }
  } finally {
    progress.close();
    interruption.stop();
  }
}

/** Throws once the embedded server's process is gone: a call to it would be tried again for half a minute before. */
async function lossOf({ embedded, config: { address } }: OpenTemporal): Promise<never> {
  if (!embedded) return new Promise(() => undefined);
  await embedded.gone();
  throw new TemporalUnreachable(address, undefined);
}

/** The embedded server comes with a worker, unless it is another process's that has one. */
async function workerIfNeeded(
  config: Config,
  temporal: OpenTemporal,
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
  const server = embedded.attached
    ? `using the server that another Tidemark runs on ${embedded.address}`
    : `running a server of its own on ${embedded.address}`;
  say(`No Temporal is configured: ${server} (state in .tidemark/) and a worker in this process.`);
  const { runWorkerFor } = await import('./run-embedded-worker.js');
  return runWorkerFor(config, temporal);
}

function whatHappensNow(
  config: Config,
  { embedded }: OpenTemporal,
  { command }: Job<never>,
  file: string,
  ownWorker: boolean,
): string {
  if (embedded && ownWorker)
    return `Stopping: batches in flight end or are rolled back (Ctrl-C again: at once). The next tidemark ${command} goes on from here.`;
  if (embedded) return 'Detached; the run goes on in the other process.';
  return `Detached: the run of ${config.name} goes on. To cancel it: tidemark cancel ${command === 'sync' ? '' : `${command} `}-c ${file}`;
}

function lost({ message }: TemporalUnreachable, { command }: Job<never>): CommandError {
  return new CommandError(
    'connection',
    message,
    `Run tidemark ${command} again: it goes on where it stopped.`,
  );
}

const debugLog = (level: string, message: string, fields: object): void => {
  if (process.env['TIDEMARK_DEBUG'] === '1')
    process.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`);
};
