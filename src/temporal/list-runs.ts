import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { syncWorkflowId } from '../plan/workflow-ids';

/** How many are looked through for those of one sync: others' names may begin with its name. */
const MOST_LISTED = 200;

/**
 * The newest runs of a sync, and comparisons of it, under whatever workflow ID that begins with the sync's own: that of
 * the command line, and those of schedules, to which Temporal appends the time. What was continued as new is left out.
 */
export async function listRuns(client: Client, sync: string, most: number): Promise<WorkflowExecutionInfo[]> {
  const id = syncWorkflowId(sync);
  const query = `WorkflowType IN ('sync', 'reconcile') AND WorkflowId STARTS_WITH '${id}' AND ExecutionStatus != 'ContinuedAsNew'`;
  const found: WorkflowExecutionInfo[] = [];
  let listed = 0;
  for await (const run of client.workflow.list({ query, pageSize: MOST_LISTED })) {
    if (isOf(run.workflowId, id)) found.push(run);
    if (++listed >= MOST_LISTED) break;
  }
  return found.sort((a, b) => b.startTime.getTime() - a.startTime.getTime()).slice(0, most);
}

/** Whether a workflow ID is the sync's own, one below it, or one with a time after it; `plant` is not `plant-2`. */
function isOf(workflowId: string, id: string): boolean {
  return /^$|^:|^-\d{4}-\d{2}-\d{2}T/.test(workflowId.slice(id.length));
}
