import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Config } from '../config/config';
import { findRunningTemporal } from '../embedded/temporal';
import type { SyncSummary } from '../plan/wire';
import { syncWorkflowId } from '../plan/workflow-ids';
import { asUnreachable } from '../temporal/as-unreachable';
import { connectClient } from '../temporal/connect';
import { PayloadRefused, unlessRefused } from '../temporal/payload-refused';
import { readProgress, type RunView } from '../temporal/read-progress';
import { outcomeOfFailure } from '../temporal/run-outcome';
import { hasWorker, taskQueueOf } from '../temporal/task-queue';
import { temporalOf } from '../temporal/temporal-of';
import { TemporalUnreachable } from '../temporal/temporal-unreachable';
import { describeOpening } from '../plan/describe-opening';
import { formatSecond } from './format';
import { readLastRun } from './last-run';
import { embeddedFolder } from './open-temporal';
import { formatSince } from './run-under-way';

export interface RunStatus {
  state: 'running' | 'completed' | 'failed' | 'cancelled' | 'none' | 'unknown';
  workflowId: string;
  /** When the run under way, or the last one, was begun. */
  startedAt: string | null;
  /** What runs, in a sentence. */
  text: string;
  error: string | null;
  /** What went wrong with a table of that run, or holds it up. */
  tables: Record<string, string>;
}

/** What Temporal says of a sync's run. Starts nothing: an embedded server that is not running stays so. */
export async function readRunStatus(config: Config): Promise<RunStatus> {
  const workflowId = syncWorkflowId(config.name);
  const nothing = { workflowId, startedAt: null, error: null, tables: {} };
  const unknown = (text: string, { message }: Error): RunStatus => ({
    ...nothing,
    state: 'unknown',
    text,
    error: message,
  });
  const running = config.temporal ? undefined : await findRunningTemporal(embeddedFolder(config));
  if (!config.temporal && !running) return whileDown(config, workflowId);
  const temporal = temporalOf(config, running?.address);
  let close: (() => Promise<void>) | undefined;
  try {
    const connected = await connectClient(temporal);
    const { client } = connected;
    ({ close } = connected);
    const description = await client.workflow.getHandle(workflowId).describe().catch(unlessNotFound);
    if (!description) return { ...nothing, state: 'none', text: 'it never ran here' };
    const startedAt = description.startTime.toISOString();
    const since = formatSince(description.startTime);
    const known = { workflowId, startedAt };
    if (description.status.name !== 'RUNNING')
      return { ...known, ...(await lastOutcome(client, workflowId, since)) };
    const served = await hasWorker({ client, namespace: temporal.namespace, taskQueue: taskQueueOf(config) });
    const view = await readProgress(client, workflowId).catch(unlessRefused);
    const tables = Object.fromEntries(
      (view?.tables ?? []).flatMap(({ table, error, heldUp }) => trouble(table, error?.message, heldUp)),
    );
    const text = describeRunning('running', description.startTime, view, served);
    return { ...known, state: 'running', text, error: null, tables };
  } catch (thrown) {
    const error = asUnreachable(temporal.address, thrown);
    if (error instanceof TemporalUnreachable)
      return unknown('Temporal cannot be reached, so that it is not known what runs', error);
    if (error instanceof PayloadRefused)
      return unknown('what Temporal holds of it cannot be decrypted here', error);
    throw error;
  } finally {
    // It may be read again and again.
    await close?.();
  }
}

function unlessNotFound(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** `running since 2026-11-24 10:00:00 UTC`; paused, waiting for its hours or for a worker, where it is. */
export function describeRunning(
  verb: 'running' | 'comparing',
  startTime: Date,
  view: Pick<RunView, 'state' | 'opens'> | undefined,
  served: boolean,
): string {
  const opens = view?.opens === undefined ? '' : `, ${describeOpening(view.opens)}`;
  const worker = served ? '' : ', but no worker is there (tidemark worker)';
  return `${view?.state === 'paused' ? 'paused' : verb} since ${formatSince(startTime)}${opens}${worker}`;
}

/** The embedded server is not started to be asked: nothing runs without it, and how the last run ended is kept beside it. */
async function whileDown(config: Config, workflowId: string): Promise<RunStatus> {
  const last = await readLastRun(config);
  const down = 'nothing runs (the embedded Temporal server is down; tidemark sync starts it)';
  const state =
    last === undefined ? 'none' : last.error === null ? 'completed' : last.cancelled ? 'cancelled' : 'failed';
  const how = state === 'failed' ? ' with a failure' : state === 'cancelled' ? ', cancelled' : '';
  const ended = last && `; the last run ended ${formatSecond(last.endedAt)} UTC${how}`;
  const tables = Object.fromEntries(
    Object.entries(last?.errors ?? {}).map(([table, error]) => [table, `failed: ${error}`]),
  );
  return {
    state,
    workflowId,
    startedAt: null,
    text: `${down}${ended ?? ''}`,
    error: last?.error ?? null,
    tables,
  };
}

function trouble(
  table: string,
  error: string | undefined,
  heldUp: { message: string; attempt: number } | undefined,
): [string, string][] {
  if (error !== undefined) return [[table, `failed: ${error}`]];
  return heldUp ? [[table, `waiting to try again (attempt ${heldUp.attempt}): ${heldUp.message}`]] : [];
}

async function lastOutcome(
  client: Client,
  workflowId: string,
  since: string,
): Promise<Omit<RunStatus, 'workflowId' | 'startedAt'>> {
  const outcome = await client.workflow
    .getHandle(workflowId)
    .result()
    .then(() => undefined, outcomeOfFailure<SyncSummary>);
  if (!outcome)
    return {
      state: 'completed',
      text: `nothing runs; the last run, of ${since}, completed`,
      error: null,
      tables: {},
    };
  const cancelled = outcome.failure?.type === 'Cancelled';
  const tables = Object.fromEntries(
    (outcome.summary?.tables ?? []).flatMap(({ table, error }) => trouble(table, error?.message, undefined)),
  );
  const state = cancelled ? 'cancelled' : 'failed';
  return {
    state,
    text: `nothing runs; the last run, of ${since}, ${cancelled ? 'was cancelled' : 'failed'}`,
    error: outcome.failure?.message ?? null,
    tables,
  };
}
