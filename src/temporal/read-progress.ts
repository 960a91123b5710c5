import type { Client } from '@temporalio/client';
import type { ProtoFailure } from '@temporalio/common';
import type { SyncProgress, TableProgress } from '../plan/wire';
import { childId } from '../plan/workflow-ids';

/** A table of a run, as a follower shows it. */
export interface TableView extends TableProgress {
  /** What a retried failure says, while a batch waits to be tried again. */
  heldUp?: { message: string; attempt: number };
}

export interface RunView {
  state: SyncProgress['state'];
  /** When the source's hours begin, where the run, or one of its tables, waits for that. */
  opens?: string;
  tables: TableView[];
}

/** Whether a table has a speed and an end in sight. */
export function isMoving({ state }: TableView): boolean {
  return state === 'copying' || state === 'comparing';
}

/** For a query's answer: no worker may be there to give it. */
const ANSWER_MS = 5_000;

/** Asks a sync's run how far it is, and its running tables' own. What does not answer in time keeps what the sync knows. */
export async function readProgress(client: Client, workflowId: string): Promise<RunView> {
  const progress = await inTime(client, () =>
    client.workflow.getHandle(workflowId).query<SyncProgress>('progress'),
  );
  const tables = await Promise.all(
    progress.tables.map(async (table): Promise<TableView> => {
      if (table.state !== 'copying') return table;
      const id = childId(workflowId, table.table);
      const [own, held] = await Promise.allSettled([
        inTime(client, () => client.workflow.getHandle(id).query<TableProgress>('progress')),
        readHeldUp(client, id),
      ]);
      const heldUp = held.status === 'fulfilled' ? held.value : undefined;
      return { ...(own.status === 'fulfilled' ? own.value : table), ...(heldUp && { heldUp }) };
    }),
  );
  return { state: progress.state, ...opening([progress, ...tables]), tables };
}

/** The first that is told of. */
export function opening(seen: { opens?: string | undefined }[]): Pick<RunView, 'opens'> {
  const opens = seen.find((one) => one.opens !== undefined)?.opens;
  return opens === undefined ? {} : { opens };
}

/** The failure that one of a run's activities waits to be retried after; of several, that of the most attempts. */
export async function readHeldUp(client: Client, workflowId: string): Promise<TableView['heldUp']> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const failing = (raw.pendingActivities ?? []).flatMap(({ lastFailure, attempt }) =>
    lastFailure ? [{ lastFailure, attempt: attempt ?? 1 }] : [],
  );
  const [worst] = failing.sort((a, b) => b.attempt - a.attempt);
  return worst && { message: await wordsOf(client, worst.lastFailure, workflowId), attempt: worst.attempt };
}

async function wordsOf(
  { options }: Client,
  { message, encodedAttributes, timeoutFailureInfo }: ProtoFailure,
  workflowId: string,
): Promise<string> {
  if (timeoutFailureInfo)
    return 'its worker gave no sign of life in time, so that the batch was taken up anew';
  const { failureConverter, payloadConverter, payloadCodecs } = options.loadedDataConverter;
  let attributes = encodedAttributes ? [encodedAttributes] : [];
  const context = { type: 'workflow', namespace: options.namespace, workflowId } as const;
  for (const codec of payloadCodecs.toReversed()) attributes = await codec.decode(attributes, context);
  const failure = { message: message ?? '', encodedAttributes: attributes[0] ?? null };
  return failureConverter.failureToError(failure, payloadConverter, context).message || 'it failed';
}

export function inTime<T>(client: Client, ask: () => Promise<T>): Promise<T> {
  return client.connection.withDeadline(Date.now() + ANSWER_MS, ask);
}
