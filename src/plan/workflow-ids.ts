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
