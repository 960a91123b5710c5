import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  executeChild,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { describeOpening } from '../plan/describe-opening';
import { fairnessOf } from '../plan/fairness';
import {
  type Comparison,
  forSummary,
  type ReconcileInput,
  reconcileInputSchema,
  type ReconcileSummary,
} from '../plan/reconcile-wire';
import { bytesSetAside, shortenComparison } from '../plan/run-size';
import { childId } from '../plan/workflow-ids';
import { describeReconcile } from './details';
import { explain } from './explain';
import { reconcileProgressQuery } from './messages';
import { parseInput, refuseCarried } from './parse-input';
import { planPolicy } from './policies';
import { newComparison, type reconcileTable } from './reconcile-table';
import { RunTables } from './run-tables';
import { whenOpen } from './when-open';

const { planSync } = proxyActivities<Activities>(planPolicy);

/** What an execution hands to the next when it continues as new. Clients give {@link ReconcileInput} alone. */
interface Carried {
  tables: Comparison[];
  lanes: { tables: number; intervals: number };
}

const WANTED =
  'Give {"sync": "name"}, and "depth": "full" to compare everything, "repair": false only to tell.';

/**
 * Compares every table of a sync with its source, a few at a time, each in a child workflow, and repairs what differs
 * unless it is only to tell. A table that fails leaves the others running. Fails with the summary as its details when
 * a table was not compared, or still differs.
 */
export async function reconcile(input: ReconcileInput, carried?: Carried): Promise<ReconcileSummary> {
  const { sync, tables: only, ...request } = parseInput(reconcileInputSchema, input, WANTED);
  refuseCarried(carried, WANTED);
  let runTables: RunTables<Comparison> | undefined = undefined;
  let opens: string | undefined = undefined;
  setHandler(reconcileProgressQuery, () => ({
    sync,
    tables: runTables?.rows ?? carried?.tables ?? [],
    ...(opens !== undefined && { opens }),
  }));
  const showOpening = (time: string | undefined): void => {
    opens = time;
    setCurrentDetails(describeOpening(time));
  };
  const plan =
    carried ?? (await whenOpen(() => planSync({ sync, ...(only && { tables: only }) }), showOpening));
  const waitingTable = (table: string): Comparison => ({
    ...newComparison({ table, depth: request.depth }),
    state: 'waiting',
  });
  const tables = (runTables = new RunTables('names' in plan ? plan.names.map(waitingTable) : plan.tables, {
    setAside: (table) => bytesSetAside(table, false),
    shorten: shortenComparison,
  }));
  const update = (table: string, change: Partial<Comparison>): void => {
    tables.update(table, change);
    setCurrentDetails(describeReconcile(tables.shown()));
  };

  const waiting = tables.rows.flatMap(({ table, state }) => (state === 'waiting' ? [table] : []));
  const { depth, repair, allowDeletes, from, to } = request;
  const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const lane = async (): Promise<void> => {
    while (!workflowInfo().continueAsNewSuggested) {
      const table = waiting.shift();
      if (table === undefined) return;
      update(table, { state: 'comparing' });
      try {
        const args = { sync, table, lanes: plan.lanes.intervals, depth, repair, allowDeletes, ...range };
        const done = await executeChild<typeof reconcileTable>('reconcileTable', {
          workflowId: childId(workflowInfo().workflowId, table),
          args: [args],
          staticSummary: table,
          priority: fairnessOf(sync),
          memo: { sync, table },
        });
        update(table, forSummary(done, tables.size));
      } catch (error) {
        update(
          table,
          isCancellation(error) ? { state: 'cancelled' } : { state: 'failed', error: explain(error) },
        );
      }
    }
  };
  await Promise.all(Array.from({ length: plan.lanes.tables }, lane));
  await condition(allHandlersFinished);
  if (waiting.length > 0)
    return continueAsNew<typeof reconcile>(input, { tables: tables.rows, lanes: plan.lanes });
  return conclude(sync, tables.rows);
}

function conclude(sync: string, tables: Comparison[]): ReconcileSummary {
  const incomplete = tables.filter(({ state }) => state !== 'completed');
  const different = tables.filter(({ stillDiffering }) => stillDiffering > 0);
  const summary = { sync, ok: incomplete.length + different.length === 0, tables };
  const [failed] = incomplete;
  const [differing] = different;
  if (failed)
    throw ApplicationFailure.create({
      type: 'ReconcileIncomplete',
      message: `${incomplete.length} of ${tables.length} tables were not compared to their end; ${failed.table}: ${failed.error?.message ?? failed.state}`,
      nonRetryable: true,
      details: [summary],
    });
  if (differing)
    throw ApplicationFailure.create({
      type: 'Differences',
      message: `${different.length} of ${tables.length} tables differ from their source; ${differing.table} in ${differing.stillDiffering === 1 ? '1 interval' : `${differing.stillDiffering} intervals`}`,
      nonRetryable: true,
      details: [summary],
    });
  return summary;
}
