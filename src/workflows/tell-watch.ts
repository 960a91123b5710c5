import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, log, ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { Observation } from '../plan/alarms';
import { watchWorkflowId } from '../plan/workflow-ids';
import { observedSignal } from './messages';
import type { watch } from './watch';

/** Sees to it that a sync is watched; the watch outlives the run that started it. */
export async function startWatch(sync: string): Promise<void> {
  try {
    await startChild<typeof watch>('watch', {
      workflowId: watchWorkflowId(sync),
      args: [{ sync }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `alarms of ${sync}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Tells a sync's watch what was observed. A run never fails by that. */
export async function tellWatch(sync: string, observations: Observation[]): Promise<void> {
  if (observations.length === 0) return;
  try {
    await getExternalWorkflowHandle(watchWorkflowId(sync)).signal(observedSignal, observations);
  } catch (error) {
    log.warn('the watch was not told', { error });
  }
}
