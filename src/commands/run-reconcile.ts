import { loadConfig } from '../config/load';
import type { ReconcileInput, ReconcileSummary } from '../plan/reconcile-wire';
import { comparisonWorkflowId, syncWorkflowId } from '../plan/workflow-ids';
import { readComparison } from '../temporal/read-comparison';
import { outcomeOfFailure } from '../temporal/run-outcome';
import { startComparison } from '../temporal/start-comparison';
import { parseBound, refuseEmptyRange } from './bound';
import { printComparison } from './comparison-summary';
import { exitCodes } from './exit-codes';
import type { OpenTemporal } from './open-temporal';
import type { CompareOptions } from './reconcile';
import { exitCodeOf } from './run-exit-code';
import { runToEnd } from './run-to-end';
import { formatSince, runUnderWay, sayWhichRun } from './run-under-way';
import { say } from './say';
import { configuredName } from './unknown-table';

/** Compares a sync's tables, as `reconcile` or `verify` asks for it, and follows that to its end. */
export async function runReconcile(
  command: 'reconcile' | 'verify',
  options: CompareOptions,
  request: Pick<ReconcileInput, 'depth' | 'repair' | 'allowDeletes'>,
): Promise<number> {
  const config = await loadConfig(options.config);
  refuseEmptyRange(parseBound('--from', options.from), parseBound('--to', options.to));
  const input: ReconcileInput = {
    ...request,
    sync: config.name,
    ...(options.table && { tables: options.table.map((table) => configuredName(config, table)) }),
    ...(options.from !== undefined && { from: options.from }),
    ...(options.to !== undefined && { to: options.to }),
  };
  const workflowId = comparisonWorkflowId(config.name, command);
  const begin = async (temporal: OpenTemporal) => {
    const { client, taskQueue } = temporal;
    const before = await runUnderWay(client, workflowId);
    if (request.repair && !before) await waitForSync(temporal, syncWorkflowId(config.name));
    const handle = await startComparison(client, workflowId, input, taskQueue);
    if (before) sayWhichRun(temporal, before, ' It compares what it was begun with.');
    return { workflowId, runId: handle.firstExecutionRunId };
  };
  const outcome = await runToEnd<ReconcileSummary>(config, options, { command, begin, read: readComparison });
  if (outcome === 'interrupted') return exitCodes.interrupted;
  printComparison(config.name, outcome, options.json ?? false);
  return exitCodeOf(outcome);
}

/** A repair takes its table over: a sync that is under way would be refused. */
async function waitForSync({ client }: OpenTemporal, workflowId: string): Promise<void> {
  const since = await runUnderWay(client, workflowId);
  if (since === undefined) return;
  say(`A sync that was begun at ${formatSince(since)} is under way: waiting for it to end.`);
  await client.workflow.getHandle(workflowId).result().catch(outcomeOfFailure);
}
