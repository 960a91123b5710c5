import { loadConfig } from '../config/load';
import { parseStart } from '../config/start';
import { parseCursorValue } from '../plan/cursor-value';
import type { ReconcileInput, ReconcileSummary } from '../plan/reconcile-wire';
import { comparisonWorkflowId, syncWorkflowId } from '../plan/workflow-ids';
import { readComparison } from '../temporal/read-comparison';
import { startComparison } from '../temporal/start-comparison';
import { CommandError } from './command-error';
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
  refuseNoRange(refuseBadBound('--from', options.from), refuseBadBound('--to', options.to));
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
  await client.workflow
    .getHandle(workflowId)
    .result()
    .catch(() => undefined);
}

type Bound = Exclude<ReturnType<typeof parseStart>, 'none'>;

function refuseBadBound(option: string, text: string | undefined): Bound {
  const parsed = text === undefined ? undefined : parseStart(text.trim());
  if (text === undefined || (parsed !== undefined && parsed !== 'none')) return parsed as Bound;
  throw new CommandError(
    'usage',
    `${option} is not a cursor value`,
    "Write a date (2026-03-01), a time ('2026-03-01 12:00:00+01', in UTC without an offset) or a whole number.",
  );
}

function refuseNoRange(from: Bound, to: Bound): void {
  if (from === undefined || to === undefined) return;
  if ('ticks' in from && 'ticks' in to ? BigInt(from.ticks) < BigInt(to.ticks) : isBefore(from, to)) return;
  throw new CommandError(
    'usage',
    '--from is not before --to',
    'The range is [from, to): exchange the two, or move --to on.',
  );
}

/** A time and a number cannot be told apart here: which of them fits, the table says. */
function isBefore(from: NonNullable<Bound>, to: NonNullable<Bound>): boolean {
  if ('ticks' in from || 'ticks' in to) return true;
  return parseCursorValue('timestamptz', from.at) < parseCursorValue('timestamptz', to.at);
}
