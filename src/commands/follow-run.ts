import type { Client } from '@temporalio/client';
import type { RunView } from '../temporal/read-progress';
import { outcomeOfFailure, type RunOutcome } from '../temporal/run-outcome';

export interface FollowedRun {
  workflowId: string;
  /** Of the run's first execution: later ones continue it. */
  runId: string;
}

/** Asks a run how far it is. */
export type ReadProgress = (client: Client, workflowId: string) => Promise<RunView>;

const LOOK_EVERY_MS = 500;

/**
 * Follows a run to its end, and shows how far it is about twice a second. Throws what Temporal's client does
 * when the server goes away; the run itself is kept there.
 */
export async function followRun<Summary>(
  client: Client,
  run: FollowedRun,
  read: ReadProgress,
  show: (view: RunView) => void,
): Promise<RunOutcome<Summary>> {
  const end = new AbortController();
  const { signal } = end;
  void (async () => {
    while (!signal.aborted) {
      // A run that cannot answer at this moment is asked again; how it ends is told below.
      const view = await read(client, run.workflowId).catch(() => undefined);
      if (view) show(view);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS).unref());
    }
  })();
  try {
    const summary = (await client.workflow.getHandle(run.workflowId, run.runId).result()) as Summary;
    return { summary };
  } catch (error) {
    return outcomeOfFailure<Summary>(error);
  } finally {
    end.abort();
  }
}
