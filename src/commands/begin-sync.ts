import type { Config } from '../config/config';
import { syncWorkflowId } from '../plan/workflow-ids';
import { startSync } from '../temporal/start-sync';
import type { FollowedRun } from './follow-run';
import type { FoundTemporal } from './open-temporal';
import { runUnderWay } from './run-under-way';

/** Starts a run of the sync, of some of its tables where they are named, or finds the one under way, begun at `before`. */
export async function beginSync(
  { client, taskQueue }: Pick<FoundTemporal, 'client' | 'taskQueue'>,
  { name }: Config,
  tables?: string[],
): Promise<{ run: FollowedRun; before: Date | undefined }> {
  const workflowId = syncWorkflowId(name);
  const before = await runUnderWay(client, workflowId);
  const handle = await startSync(client, { sync: name, ...(tables && { tables }) }, taskQueue);
  return { run: { workflowId, runId: handle.firstExecutionRunId }, before };
}
