import type { NativeConnection } from '@temporalio/worker';
import type { TidemarkWorker } from '../worker';

/** A worker, as its readiness is asked for. */
export interface Served {
  worker: TidemarkWorker;
  connection: NativeConnection;
  address: string;
  taskQueue: string;
}

/** For Temporal's answer: probes give up soon. */
const ANSWER_MS = 900;

/** Why a worker does not take work; nothing where it does. */
export async function whyNotReady({ worker, connection, address, taskQueue }: Served): Promise<string[]> {
  const polls = worker.polls() ? [] : [`the worker on task queue ${taskQueue} does not poll`];
  try {
    await connection.withDeadline(Date.now() + ANSWER_MS, () => connection.workflowService.getSystemInfo({}));
    return polls;
  } catch {
    return [...polls, `Temporal at ${address} does not answer`];
  }
}
