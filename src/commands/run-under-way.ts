import { type Client, isGrpcServiceError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { tsToDate } from '@temporalio/common/lib/time';
import { formatSecond } from './format';
import type { OpenTemporal } from './open-temporal';
import { say } from './say';

const RUNNING = temporal.api.enums.v1.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;

/** Of gRPC's status codes. */
const NOT_FOUND = 5;

/**
 * When the run of this ID that is under way was begun; undefined where none is. Asked of Temporal
 * itself, without decoding: a run that ended before encryption was switched on stands in nobody's way.
 */
export async function runUnderWay(client: Client, workflowId: string): Promise<Date | undefined> {
  const request = { namespace: client.options.namespace, execution: { workflowId } };
  const found = await client.workflowService.describeWorkflowExecution(request).catch(unlessNotFound);
  const { status, startTime } = found?.workflowExecutionInfo ?? {};
  return status === RUNNING && startTime ? tsToDate(startTime) : undefined;
}

function unlessNotFound(error: unknown): undefined {
  if (!isGrpcServiceError(error) || (error.code as number) !== NOT_FOUND) throw error;
}

/** Tells that a run was there already, and is followed. */
export function sayWhichRun({ embedded }: OpenTemporal, since: Date, scope: string): void {
  const resumed = embedded && !embedded.attached;
  const patience = resumed
    ? ' Batches that a killed process had in flight are taken up after about 10 seconds.'
    : '';
  const verb = resumed ? 'Going on with' : 'Following';
  say(`${verb} the run that was begun at ${formatSince(since)}.${scope}${patience}`);
}

export function formatSince(since: Date): string {
  return `${formatSecond(since.toISOString())} UTC`;
}
