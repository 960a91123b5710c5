import type { Client } from '@temporalio/client';
import { unlessRefused } from '../temporal/payload-refused';
import type { OpenTemporal } from './open-temporal';
import { say } from './say';

/** When the run of this ID that is under way was begun; undefined where none is. */
export async function runUnderWay(client: Client, workflowId: string): Promise<Date | undefined> {
  const found = await client.workflow.getHandle(workflowId).describe().catch(unlessRefused);
  return found?.status.name === 'RUNNING' ? found.startTime : undefined;
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
  return `${since.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
