import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { fairnessOf } from '../plan/fairness';
import type { ReconcileInput } from '../plan/reconcile-wire';
import type { reconcile } from '../workflows';

/** Starts a comparison of a sync's tables, or finds the one of this ID that is under way. */
export function startComparison(
  client: Client,
  workflowId: string,
  input: ReconcileInput,
  taskQueue: string,
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof reconcile>> {
  return client.workflow.start<typeof reconcile>('reconcile', {
    workflowId,
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    priority: fairnessOf(input.sync),
    memo: { ...input },
    staticSummary: `compares ${input.tables?.join(', ') ?? 'all tables'}`,
  });
}
