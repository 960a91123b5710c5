// Tidemark's workflows, and one that runs a sync and then tells of it. Temporal bundles this file for its sandbox.
import { executeChild, proxyActivities } from '@temporalio/workflow';
import { sync } from 'tidemark/workflows';
import type * as announcements from './activities';

export * from 'tidemark/workflows';

const { announce } = proxyActivities<typeof announcements>({ startToCloseTimeout: '1 minute' });

/** Copies what is new, and announces how many rows that were. */
export async function copyAndAnnounce(name: string): Promise<string> {
  const summary = await executeChild(sync, { workflowId: `tidemark:${name}`, args: [{ sync: name }] });
  const rows = summary.tables.reduce((sum, table) => sum + table.rows, 0);
  return announce(name, rows);
}
