import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { ReconcileInput } from '../plan/reconcile-wire';
import { reconcileWorkflowId } from '../plan/workflow-ids';
import type { reconcile } from '../workflows';

/** Starts a comparison of a sync's tables. Throws WorkflowExecutionAlreadyStartedError where one is under way. */
export function startReconcile(
  client: Client,
  input: ReconcileInput,
  taskQueue: string,
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof reconcile>> {
  return client.workflow.start<typeof reconcile>('reconcile', {
    workflowId: reconcileWorkflowId(input.sync),
    taskQueue,
    args: [input],
    staticSummary: `compares ${input.tables?.join(', ') ?? 'all tables'}`,
  });
}
