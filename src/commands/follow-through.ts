import { asUnreachable } from '../temporal/as-unreachable';
import type { RunOutcome } from '../temporal/run-outcome';
import { hasWorker } from '../temporal/task-queue';
import { TemporalUnreachable } from '../temporal/temporal-unreachable';
import { followRun, type FollowedRun, type ReadProgress } from './follow-run';
import type { OpenTemporal } from './open-temporal';
import type { ProgressView } from './progress-view';

const RETRY_MS = 1_000;
/** How often to see whether a worker is still there. */
const WORKER_EVERY_MS = 20_000;

/** A configured Temporal that goes away for a while is waited for; an embedded one is opened anew by the caller. */
export async function followThrough<Summary>(
  temporal: OpenTemporal,
  run: FollowedRun,
  read: ReadProgress,
  progress: ProgressView,
  file: string,
): Promise<RunOutcome<Summary>> {
  const watching = temporal.embedded
    ? undefined
    : setInterval(() => {
        hasWorker(temporal).then(
          (found) => found || progress.note(noWorker(temporal, file)),
          () => undefined,
        );
      }, WORKER_EVERY_MS);
  try {
    for (;;) {
      try {
        return await followRun<Summary>(temporal.client, run, read, progress.show);
      } catch (thrown) {
        const error = asUnreachable(temporal.config.address, thrown);
        if (!(error instanceof TemporalUnreachable) || temporal.embedded) throw error;
        progress.note(`Temporal at ${temporal.config.address} does not answer; trying again.`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  } finally {
    clearInterval(watching);
  }
}

/** That nobody works, and what to do. */
export function noWorker(
  { taskQueue, config: { address } }: Pick<OpenTemporal, 'taskQueue' | 'config'>,
  file: string,
): string {
  return `No worker polls the task queue ${taskQueue} of Temporal at ${address}: nothing moves until one does. Start it: tidemark worker -c ${file}`;
}
