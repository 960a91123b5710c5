import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { fairnessOf } from '../plan/fairness';
import type { Closed } from '../plan/hours';
import {
  type IdleTable,
  type SyncInput,
  syncInputSchema,
  type SyncSummary,
  type TableProgress,
} from '../plan/wire';
import { type Comparison, forSummary } from '../plan/reconcile-wire';
import { bytesSetAside, shortenProgress } from '../plan/run-size';
import { childId } from '../plan/workflow-ids';
import { allEnded } from './all-ended';
import { describeOpening, describeSync } from './details';
import { explain } from './explain';
import { pauseUpdate, resumeUpdate, setPausedSignal, syncProgressQuery } from './messages';
import { parseInput } from './parse-input';
import { idlePolicy, planPolicy } from './policies';
import { whenOpen } from './when-open';
import type { reconcileTable } from './reconcile-table';
import { RunTables } from './run-tables';
import type { syncTable } from './sync-table';

const { planSync } = proxyActivities<Activities>(planPolicy);
const { completeIdle } = proxyActivities<Activities>(idlePolicy);

/** What an execution hands to the next when it continues as new. Clients give {@link SyncInput} alone. */
interface Carried {
  tables: TableProgress[];
  lanes: { tables: number; intervals: number };
  reconcile?: Reconciled;
  paused: boolean;
}

/** Which tables are compared once they are copied, and how deeply. */
type Reconciled = Exclude<Awaited<ReturnType<Activities['planSync']>>, Closed>['reconcile'];

/**
 * Copies every table of a configured sync up to its horizon, a few at a time, each in a child workflow. A table that
 * fails leaves the others running. Ends with a summary; fails with the summary as its details when a table did not
 * complete.
 */
export async function sync(input: SyncInput, carried?: Carried): Promise<SyncSummary> {
  const { sync: name, tables: only } = parseInput(
    syncInputSchema,
    input,
    'Give {"sync": "name"}, and "tables": ["schema.table"] for some of its tables only.',
  );
  const { workflowId } = workflowInfo();
  const running = new Set<string>();
  let paused = carried?.paused ?? false;
  let runTables: RunTables<TableProgress> | undefined = undefined;
  let opens: string | undefined = undefined;
  setHandler(syncProgressQuery, () => ({
    sync: name,
    state: paused ? 'paused' : opens !== undefined ? 'closed' : runTables ? 'copying' : 'planning',
    tables: runTables?.rows ?? carried?.tables ?? [],
    ...(opens !== undefined && { opens }),
  }));
  const setPaused = async (value: boolean): Promise<void> => {
    paused = value;
    await Promise.allSettled(
      [...running].map((table) =>
        getExternalWorkflowHandle(childId(workflowId, table)).signal(setPausedSignal, value),
      ),
    );
  };
  setHandler(pauseUpdate, () => setPaused(true));
  setHandler(resumeUpdate, () => setPaused(false));

  const showOpening = (time: string | undefined): void => {
    opens = time;
    setCurrentDetails(describeOpening(time));
  };
  const plan =
    carried ?? (await whenOpen(() => planSync({ sync: name, ...(only && { tables: only }) }), showOpening));
  const tables = (runTables = new RunTables(
    carried?.tables ?? (plan as { names: string[] }).names.map(waitingTable),
    {
      setAside: (table) => bytesSetAside(table, plan.reconcile?.[table] !== undefined),
      shorten: shortenProgress,
    },
  ));
  const show = (): void => setCurrentDetails(describeSync(tables.shown()));
  const update = (table: string, change: Partial<TableProgress>): void => {
    tables.update(table, change);
    show();
  };

  if ('names' in plan && plan.idleAtOnce !== undefined) {
    const groups = inGroups(
      plan.names.filter((table) => plan.reconcile?.[table] === undefined),
      plan.idleAtOnce,
    );
    const look = async (): Promise<void> => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        try {
          const idle = await whenOpen(() => completeIdle({ sync: name, tables: group }), showOpening);
          for (const table of idle) tables.update(table.table, idleProgress(table));
          show();
        } catch (error) {
          // What fails here fails in each table's own plan, which tells of it.
          if (isCancellation(error)) throw error;
        }
      }
    };
    await allEnded(Array.from({ length: plan.lanes.tables }, look));
  }

  const waiting = tables.rows.flatMap(({ table, state }) => (state === 'waiting' ? [table] : []));
  const lane = async (): Promise<void> => {
    for (;;) {
      if (workflowInfo().continueAsNewSuggested) return;
      const table = waiting.shift();
      if (table === undefined) return;
      update(table, { state: 'copying' });
      update(table, await copyTable(name, table));
    }
  };
  const copyTable = async (syncName: string, table: string): Promise<Partial<TableProgress>> => {
    const asked = paused;
    try {
      const child = await startChild<typeof syncTable>('syncTable', {
        workflowId: childId(workflowId, table),
        args: [{ sync: syncName, table, lanes: plan.lanes.intervals, paused: asked }],
        staticSummary: table,
        priority: fairnessOf(syncName),
        memo: { sync: syncName, table },
      });
      running.add(table);
      // A pause that came while the child was being started found no one to tell.
      // One that has ended by now does not mind.
      if (paused !== asked) await child.signal(setPausedSignal, paused).catch(() => undefined);
      const copied = await child.result();
      const depth = plan.reconcile?.[table];
      if (depth === undefined) return copied;
      update(table, { ...copied, state: 'comparing' });
      const comparison = await executeChild<typeof reconcileTable>('reconcileTable', {
        workflowId: `${childId(workflowId, table)}/reconcile`,
        args: [
          { sync: syncName, table, lanes: plan.lanes.intervals, depth, repair: true, allowDeletes: false },
        ],
        staticSummary: `${table}: compare`,
        priority: fairnessOf(syncName),
        memo: { sync: syncName, table },
      });
      return withComparison(copied, forSummary(comparison, tables.size));
    } catch (error) {
      if (isCancellation(error)) return { state: 'cancelled' };
      const failure = explain(error);
      log.error('table failed', { table, type: failure.type, error: failure.message });
      return { state: 'failed', error: failure };
    } finally {
      running.delete(table);
    }
  };
  await Promise.all(Array.from({ length: plan.lanes.tables }, lane));

  await condition(allHandlersFinished);
  if (waiting.length > 0)
    return continueAsNew<typeof sync>(input, {
      tables: tables.rows,
      lanes: plan.lanes,
      ...(plan.reconcile && { reconcile: plan.reconcile }),
      paused,
    });
  return conclude(name, tables.rows);
}

/** What still differs is mostly what was written meanwhile: it is not settled, so that the next run compares it again. */
function withComparison(copied: TableProgress, comparison: Comparison): TableProgress {
  const { stillDiffering, error } = comparison;
  const again = `${stillDiffering === 1 ? '1 interval' : `${stillDiffering} intervals`} still differed from the source after being copied again, as when rows are written meanwhile; the next run compares there again`;
  const warnings = [...copied.warnings, ...comparison.warnings, ...(stillDiffering > 0 ? [again] : [])];
  const done: TableProgress = { ...copied, state: 'completed', warnings, comparison };
  return error ? { ...done, state: 'failed', error } : done;
}

function conclude(name: string, tables: TableProgress[]): SyncSummary {
  const incomplete = tables.filter(({ state }) => state !== 'completed');
  const summary: SyncSummary = { sync: name, ok: incomplete.length === 0, tables };
  const [first] = incomplete;
  if (first === undefined) return summary;
  throw ApplicationFailure.create({
    type: 'SyncIncomplete',
    message: `${incomplete.length} of ${tables.length} tables did not complete; ${first.table}: ${first.error?.message ?? first.state}`,
    nonRetryable: true,
    details: [summary],
  });
}

function inGroups(names: string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(names.length / size) }, (_, i) =>
    names.slice(i * size, (i + 1) * size),
  );
}

function idleProgress({ watermark, odd, warnings }: IdleTable): Partial<TableProgress> {
  return { state: 'completed', watermark, horizon: watermark, part: 1, odd, warnings };
}

function waitingTable(table: string): TableProgress {
  return {
    table,
    state: 'waiting',
    rows: 0,
    bytes: 0,
    batches: 0,
    repeated: 0,
    alreadyApplied: 0,
    fenced: 0,
    watermark: null,
    horizon: null,
    intervals: 0,
    intervalsDone: 0,
    part: 0,
    estimatedRows: 0,
    warnings: [],
    odd: null,
  };
}
