import type { Client, WorkflowHandle } from '@temporalio/client';

/** What one execution of a workflow left in Temporal. */
export interface ExecutionSize {
  runId: string;
  /** How many events its history has, and how many bytes, as the server counts them. */
  events: number;
  bytes: number;
  /** The most bytes of payloads in one event: Temporal refuses 2 MiB. */
  greatestPayload: number;
}

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

/** Every execution of a workflow's last run, the first one first: one more for each time that it continued as new. */
export async function historiesOf(
  client: Client,
  workflowId: string,
): Promise<{ runId: string; events: Events }[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const histories: { runId: string; events: Events }[] = [];
  let next = raw.workflowExecutionInfo?.firstRunId;
  while (next) {
    const events = (await client.workflow.getHandle(workflowId, next).fetchHistory()).events ?? [];
    histories.push({ runId: next, events });
    next = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return histories;
}

/** The sizes of every execution of a workflow's last run. */
export async function executionsOf(client: Client, workflowId: string): Promise<ExecutionSize[]> {
  const histories = await historiesOf(client, workflowId);
  return Promise.all(
    histories.map(async ({ runId, events }) => {
      const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
      const bytes = Number(raw.workflowExecutionInfo?.historySizeBytes);
      return { runId, events: events.length, bytes, greatestPayload: Math.max(...events.map(payloadBytes)) };
    }),
  );
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
