import type { Client } from '@temporalio/client';

/** What one execution of a workflow left in Temporal. */
export interface ExecutionSize {
  runId: string;
  /** How many events its history has, and how many bytes, as the server counts them. */
  events: number;
  bytes: number;
  /** The most bytes of payloads in one event: Temporal refuses 2 MiB. */
  greatestPayload: number;
}

/** Every execution of a workflow's last run, the first one first: one more for each time that it continued as new. */
export async function executionsOf(client: Client, workflowId: string): Promise<ExecutionSize[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const sizes: ExecutionSize[] = [];
  let next = raw.workflowExecutionInfo?.firstRunId;
  while (next) {
    const handle = client.workflow.getHandle(workflowId, next);
    const [description, history] = [await handle.describe(), await handle.fetchHistory()];
    const events = history.events ?? [];
    sizes.push({
      runId: next,
      events: events.length,
      bytes: Number(description.raw.workflowExecutionInfo?.historySizeBytes),
      greatestPayload: Math.max(...events.map(payloadBytes)),
    });
    next = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return sizes;
}

/** Payloads are the only byte arrays in an event of any length. */
function payloadBytes(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, part) => sum + payloadBytes(part), 0);
}

/** What several executions came to together, and the greatest of each. */
export interface HistoryFigures {
  executions: number;
  events: number;
  bytes: number;
  mostEvents: number;
  mostBytes: number;
  greatestPayload: number;
}

export function figuresOf(sizes: readonly ExecutionSize[]): HistoryFigures {
  const sum = (of: (size: ExecutionSize) => number) => sizes.reduce((total, size) => total + of(size), 0);
  const most = (of: (size: ExecutionSize) => number) => Math.max(0, ...sizes.map(of));
  return {
    executions: sizes.length,
    events: sum(({ events }) => events),
    bytes: sum(({ bytes }) => bytes),
    mostEvents: most(({ events }) => events),
    mostBytes: most(({ bytes }) => bytes),
    greatestPayload: most(({ greatestPayload }) => greatestPayload),
  };
}
