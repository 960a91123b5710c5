import type { Client } from '@temporalio/client';
import type { Config } from '../config/config';

/** Where workers listen unless the configuration names another task queue. */
export const DEFAULT_TASK_QUEUE = 'tidemark';

/**
 * The task queue of a sync. On an embedded server each sync has its own, since every `tidemark sync` in the folder
 * brings a worker that knows its own configuration alone, and another sync's tasks would fail there.
 */
export function taskQueueOf(config: Config): string {
  return config.temporal
    ? (config.temporal.taskQueue ?? DEFAULT_TASK_QUEUE)
    : `${DEFAULT_TASK_QUEUE}-${config.name}`;
}

/** How long after its last poll a worker still counts: longer than a long poll lasts. */
const RECENT_MS = 90_000;

/** Whether a worker has polled the task queue of late. */
export async function hasWorker({
  client,
  namespace,
  taskQueue,
}: {
  client: Client;
  namespace: string;
  taskQueue: string;
}): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
  });
  return pollers.some(({ lastAccessTime }) => {
    return lastAccessTime?.seconds == null || Number(lastAccessTime.seconds) * 1000 > Date.now() - RECENT_MS;
  });
}
