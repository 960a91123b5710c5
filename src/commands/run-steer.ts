import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import type { PausedRun, SteeredTable, Tuning } from '../plan/steering';
import { comparisonWorkflowId, syncWorkflowId } from '../plan/workflow-ids';
import { outcomeOfFailure } from '../temporal/run-outcome';
import { hasWorker } from '../temporal/task-queue';
import { CommandError } from './command-error';
import { kindOfFailure } from './failure-kind';
import { noWorker } from './follow-through';
import { ended } from './format';
import { findTemporal } from './open-temporal';
import type { CommonOptions } from './options';
import { runUnderWay } from './run-under-way';
import { configuredName } from './unknown-table';

export interface SteerOptions extends CommonOptions {
  table?: string;
}

/** An update of the run. */
export interface Update {
  name: 'pause' | 'resume' | 'skip' | 'retry' | 'tune';
  /** What goes along with the table. */
  input?: Tuning;
  /** What it came to, in a sentence. */
  tell: (answer: PausedRun & SteeredTable) => string;
}

/** Sends an update to the sync's run under way, and tells what it came to once it has taken effect. */
export async function runSteer(options: SteerOptions, { name, input, tell }: Update): Promise<number> {
  const config = await loadConfig(options.config);
  const table = options.table === undefined ? undefined : configuredName(config, options.table);
  const handle = await findRun(config, syncWorkflowId(config.name), options.config);
  try {
    const answer = await handle.executeUpdate<PausedRun & SteeredTable, [object]>(name, {
      args: [{ ...(table !== undefined && { table }), ...input }],
    });
    print(config, options, answer, tell(answer));
    return 0;
  } catch (error) {
    throw refusal(error);
  }
}

/** Cancels a run under way, and waits for it to end. */
export async function runCancel(
  what: 'sync' | 'reconcile' | 'verify',
  options: CommonOptions,
): Promise<number> {
  const config = await loadConfig(options.config);
  const workflowId = what === 'sync' ? syncWorkflowId(config.name) : comparisonWorkflowId(config.name, what);
  const handle = await findRun(config, workflowId, options.config);
  await handle.cancel();
  const state = await handle.result().then(
    () => 'completed',
    (error: unknown) => (outcomeOfFailure(error).failure?.type === 'Cancelled' ? 'cancelled' : 'failed'),
  );
  const text =
    state === 'cancelled'
      ? `The run of ${config.name} is cancelled. What was committed stays; the next one goes on from there`
      : `The run of ${config.name} ended by itself before it could be cancelled: it ${state}`;
  print(config, options, { run: what, state }, text);
  return 0;
}

async function findRun(config: Config, workflowId: string, file: string) {
  const temporal = await findTemporal(config);
  if (!temporal)
    throw new CommandError(
      'notNow',
      `no run of ${config.name} is under way: the embedded Temporal server is down`,
      'What was broken off goes on with the next tidemark sync.',
    );
  if ((await runUnderWay(temporal.client, workflowId)) === undefined)
    throw new CommandError(
      'notNow',
      `no run of ${config.name} is under way`,
      'Start one: tidemark sync; with --table, of single tables.',
    );
  if (!(await hasWorker(temporal))) throw new CommandError('connection', noWorker(temporal, file), '');
  return temporal.client.workflow.getHandle(workflowId);
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

function print(config: Config, { json }: CommonOptions, answer: object, text: string): void {
  process.stdout.write(
    json ? `${JSON.stringify({ ok: true, sync: config.name, ...answer }, null, 2)}\n` : `${ended(text)}\n`,
  );
}
