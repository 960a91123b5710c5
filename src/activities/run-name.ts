import { activityInfo } from '@temporalio/activity';

/** How later runs name this one when they refuse its batches. */
export function runName(): string {
  const { workflowExecution } = activityInfo();
  return `run ${workflowExecution?.workflowId ?? ''} (${workflowExecution?.runId ?? ''})`;
}
