import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Config } from '../config/config';
import type { PausedRun, SteeredTable, Tuning } from '../plan/steering';
import { comparisonWorkflowId, syncWorkflowId } from '../plan/workflow-ids';
import { asUnreachable } from '../temporal/as-unreachable';
import { outcomeOfFailure } from '../temporal/run-outcome';
import { hasWorker } from '../temporal/task-queue';
import { describeBrokenOff } from './broken-off';
import { CommandError } from './command-error';
import { kindOfFailure } from './failure-kind';
import { noWorker } from './follow-through';
import { findTemporal, type FoundTemporal } from './open-temporal';
import { runUnderWay } from './run-under-way';
import { configuredName } from './unknown-table';

/** An update of the run, or of one table of it. */
export interface Update {
  name: 'pause' | 'resume' | 'skip' | 'retry' | 'tune';
  /** As in SQL. */
  table?: string;
  /** What goes along with the table. */
  input?: Tuning;
}

/** What something came to: as the run answers, and in a sentence. */
export interface Steered {
  answer: object;
  text: string;
}

const words: Record<Update['name'], (answer: SteeredTable, table: string | undefined) => string> = {
  pause: (_, table) => `Paused ${table ?? 'the run'}: no batch is begun until it is resumed`,
  resume: (_, table) => `Resumed ${table ?? 'the run'}`,
  skip: ({ table }) => `${table} is skipped: the next run, or a retry, goes on where it stopped`,
  retry: ({ table, state }) =>
    state === 'waiting'
      ? `${table} is planned again as soon as another table has ended`
      : `${table} is planned again`,
  tune: ({ table }) => `${table} is copied so from its next batches on`,
};

/** Sends an update to the sync's run under way. Ends once it has taken effect. @throws CommandError where it cannot */
export function sendUpdate(
  config: Config,
  file: string,
  { name, table: written, input }: Update,
): Promise<Steered> {
  const table = written === undefined ? undefined : configuredName(config, written);
  return withRun(config, file, syncWorkflowId(config.name), async (handle) => {
    try {
      const answer = await handle.executeUpdate<PausedRun & SteeredTable, [object]>(name, {
        args: [{ ...(table !== undefined && { table }), ...input }],
      });
      return { answer, text: words[name](answer, table) };
    } catch (error) {
      throw refusal(error);
    }
  });
}

/** Cancels a run under way. Ends when that has. @throws CommandError where there is none, or no worker */
export function cancelRun(
  config: Config,
  file: string,
  run: 'sync' | 'reconcile' | 'verify',
): Promise<Steered> {
  const workflowId = run === 'sync' ? syncWorkflowId(config.name) : comparisonWorkflowId(config.name, run);
  return withRun(config, file, workflowId, async (handle) => {
    await handle.cancel();
    const failure = await handle.result().then(
      () => undefined,
      (error: unknown) => outcomeOfFailure(error).failure,
    );
    const state = !failure ? 'completed' : failure.type === 'Cancelled' ? 'cancelled' : 'failed';
    const text =
      (failure && describeBrokenOff(config.name, failure)) ??
      `The run of ${config.name} ended by itself before it could be cancelled: it ${state}`;
    return { answer: { run, state }, text };
  });
}

type Handle = ReturnType<FoundTemporal['client']['workflow']['getHandle']>;

async function withRun<T>(
  config: Config,
  file: string,
  workflowId: string,
  fn: (handle: Handle) => Promise<T>,
): Promise<T> {
  const temporal = await findTemporal(config);
  if (!temporal)
    throw new CommandError(
      'notNow',
      `no run of ${config.name} is under way: the embedded Temporal server is down`,
      'What was broken off goes on with the next tidemark sync.',
    );
  try {
    if ((await runUnderWay(temporal.client, workflowId)) === undefined)
      throw new CommandError(
        'notNow',
        `no run of ${config.name} is under way`,
        'Start one: tidemark sync; with --table, of single tables.',
      );
    if (!(await hasWorker(temporal))) throw new CommandError('connection', noWorker(temporal, file), '');
    return await fn(temporal.client.workflow.getHandle(workflowId));
  } catch (error) {
    throw asUnreachable(temporal.config.address, error);
  } finally {
    await temporal.close();
  }
}

function refusal(error: unknown): unknown {
  if (!(error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure))
    return error;
  const { type, message } = error.cause;
  return new CommandError(
    type === 'InvalidInput' ? 'usage' : (kindOfFailure(type ?? '') ?? 'internal'),
    message,
    '',
  );
}
