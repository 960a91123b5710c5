/** The workflow ID under which the command line runs a sync; one run of it at a time. */
export function syncWorkflowId(name: string): string {
  return `tidemark:${name}`;
}

/** The workflow ID of a table's run, from that of its sync's. */
export function childId(workflowId: string, table: string): string {
  return `${workflowId}/${table}`;
}

/** The workflow ID of what watches a sync's tables for its alarms. */
export function watchWorkflowId(name: string): string {
  return `tidemark:${name}:watch`;
}

/** The workflow ID under which the command line compares a sync's tables; one run of each at a time. */
export function comparisonWorkflowId(name: string, command: 'reconcile' | 'verify'): string {
  return `tidemark:${name}:${command}`;
}

/** The IDs of Temporal schedules begin so. */
export const SCHEDULE_PREFIX = 'tidemark:';

/** The ID of a sync's schedule; the second one compares, too. */
export function scheduleId(name: string, kind: 'sync' | 'reconcile'): string {
  return `${SCHEDULE_PREFIX}${name}${kind === 'sync' ? '' : ':reconcile'}`;
}

/** What the workflow IDs of a schedule's runs begin with: Temporal appends the time. */
export function scheduledWorkflowId(name: string, kind: 'sync' | 'reconcile'): string {
  return `${scheduleId(name, kind)}:scheduled`;
}
