import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BatchMoment } from '../../src/activities/dependencies';
import { type GuardedProcess, startGuarded } from '../../src/embedded/guarded-process';
import { until } from './poll';

export interface WorkerTask {
  /** Path of the configuration file. */
  config: string;
  /** Of Temporal, or of a proxy before it. */
  address: string;
  taskQueue: string;
  /** A file that does not exist yet: each moment that a batch comes to becomes a line in it. Its log stands beside it. */
  trace: string;
  /** How long the worker stops, all of it, once it has locked an interval: makes a short run long enough to be hit. */
  slowMs?: number;
  /** The signal that the worker sends itself, at the given time that a batch, of one of the tables, comes to the moment. */
  act?: {
    moment: BatchMoment;
    tables?: readonly string[];
    time: number;
    signal: 'SIGKILL' | 'SIGSTOP' | 'SIGTERM';
  };
  /**
   * A folder in which a file with a moment's name stops the first worker that comes to it, all of it: it takes the file
   * for itself by renaming it to `MOMENT.PID`, and goes on once that is gone, or after some seconds.
   */
  hold?: string;
  /** How long a batch stays at each moment that waits, while others go on. */
  lingerMs?: number;
  /** A built engine; dist/ unless given. */
  dist?: string;
}

export interface TraceLine {
  /** Milliseconds since the process began. */
  ms: number;
  /** `acting`: it sends itself its signal. */
  moment: BatchMoment | 'ready' | 'acting' | 'terminating';
  table?: string;
  interval?: number;
  position?: string;
}

export interface WorkerProcess extends GuardedProcess {
  trace(): TraceLine[];
  /** Waits for the first such line. */
  reaches(moment: TraceLine['moment']): Promise<TraceLine>;
}

const CHILD = path.resolve(__dirname, 'worker-child.cjs');
/** Longer than a worker may take to drain. */
const GRACE_MS = 40_000;

/** Starts a worker as a real process over dist/, under the guard: it ends with the tests, even a paused one. */
export async function startWorkerProcess(task: WorkerTask): Promise<WorkerProcess> {
  const child = await startGuarded({
    command: process.execPath,
    args: [CHILD],
    cwd: path.dirname(task.trace),
    env: { ...process.env, TIDEMARK_TEST_WORKER: JSON.stringify(task) },
    logFile: `${task.trace}.log`,
    stopSignal: 'SIGTERM',
    graceMs: GRACE_MS,
  });
  const trace = (): TraceLine[] => readTrace(task.trace);
  return {
    ...child,
    get ended() {
      return child.ended;
    },
    trace,
    reaches: (moment) =>
      until(() => trace().find((line) => line.moment === moment), { what: `a worker at ${moment}` }),
  };
}

function readTrace(file: string): TraceLine[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Not begun yet.
  }
  // The last line may be half written.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as TraceLine);
}
