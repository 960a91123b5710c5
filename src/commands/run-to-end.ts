import type { Config } from '../config/config';
import type { RunOutcome } from '../temporal/run-outcome';
import { hasWorker } from '../temporal/task-queue';
import { CommandError } from './command-error';
import { type FollowedRun, LostTemporal, type ReadProgress } from './follow-run';
import { followThrough, noWorker } from './follow-through';
import { onInterrupt } from './interrupt';
import { type OpenTemporal, openTemporal } from './open-temporal';
import type { CommonOptions } from './options';
import { preflight } from './preflight';
import { openProgress } from './progress-view';
import type { RunningWorker } from './run-embedded-worker';
import { say } from './say';
import { installTemporalLog } from './temporal-log';

/** An embedded server that goes away is started again this often: it may have been another process's that ended. */
const MOST_REOPENINGS = 3;

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
    for (let opened = 1; ; opened++) {
      const temporal = await openTemporal(config, say);
      let worker: RunningWorker | undefined;
      const follow = async (): Promise<RunOutcome<Summary>> => {
        run ??= await job.begin(temporal);
        return followThrough<Summary>(temporal, run, job.read, progress, options.config);
      };
      try {
        worker = await workerIfNeeded(config, temporal, options.config);
        const outcome = await Promise.race([follow(), interruption.happened]);
        if (outcome !== 'interrupted' && opened < MOST_REOPENINGS && job.isOther?.(outcome)) {
          run = undefined;
          continue;
        }
        progress.close();
        if (outcome === 'interrupted')
          say(whatHappensNow(config, temporal, job, options.config, worker !== undefined));
        return outcome;
      } catch (error) {
        if (!(error instanceof LostTemporal)) throw error;
        if (opened === MOST_REOPENINGS) throw lost(temporal, job);
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
  say(
    `No Temporal is configured: running a server of its own on ${embedded.address} (state in .tidemark/) and a worker in this process.`,
  );
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

function lost({ config: { address } }: OpenTemporal, { command }: Job<never>): CommandError {
  return new CommandError(
    'connection',
    `Temporal at ${address} went away`,
    `Run tidemark ${command} again: it goes on where it stopped.`,
  );
}

const debugLog = (level: string, message: string, fields: object): void => {
  if (process.env['TIDEMARK_DEBUG'] === '1')
    process.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`);
};
