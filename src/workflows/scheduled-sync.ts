import {
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  isCancellation,
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { fairnessOf } from '../plan/fairness';
import { type ScheduledRun, type SyncInput, syncInputSchema } from '../plan/wire';
import { syncWorkflowId } from '../plan/workflow-ids';
import { explain } from './explain';
import { parseInput } from './parse-input';
import type { sync } from './sync';

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * What a schedule starts: a run of a sync under the sync's own workflow ID, which Temporal gives to one run at a time, so
 * that a scheduled run and one that was started by hand are never two at once. The IDs of what a schedule itself starts
 * differ, since Temporal appends the time to them.
 *
 * Where a run is under way, this one is left out; one that compares as well waits for it to end. Ends when the run ends,
 * and as it ends; goes away without touching it.
 */
export async function scheduledSync(input: SyncInput): Promise<ScheduledRun> {
  const { sync: name, reconcile } = parseInput(syncInputSchema, input, 'Give {"sync": "name"}.');
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const run = await startChild<typeof sync>('sync', {
        workflowId: syncWorkflowId(name),
        args: [input],
        priority: fairnessOf(name),
        memo: { ...input },
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `copies all tables${reconcile ? `, and compares them (${reconcile})` : ''}`,
      });
      await run.result();
      return { leftOut: false };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw failureOf(error);
      if (!reconcile) return { leftOut: true };
      await sleep(waitMs);
      if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof scheduledSync>(input);
    }
  }
}

/** Why the run failed, without the summary, which is its own. */
function failureOf(error: unknown): unknown {
  if (isCancellation(error) && CancellationScope.current().consideredCancelled) return error;
  const { type, message } = isCancellation(error)
    ? { type: 'Cancelled', message: 'the run was cancelled' }
    : explain(error);
  return ApplicationFailure.create({ type, message, nonRetryable: true });
}
