import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { fairnessOf } from '../plan/fairness';
import type { SyncInput } from '../plan/wire';
import { syncWorkflowId } from '../plan/workflow-ids';
import type { sync } from '../workflows';

/** Starts a sync's run, or finds the one that is under way. */
export function startSync(
  client: Client,
  input: SyncInput,
  taskQueue: string,
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof sync>> {
  return client.workflow.start<typeof sync>('sync', {
    workflowId: syncWorkflowId(input.sync),
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    priority: fairnessOf(input.sync),
    memo: { ...input },
    staticSummary: `copies ${input.tables?.join(', ') ?? 'all tables'}`,
  });
}
