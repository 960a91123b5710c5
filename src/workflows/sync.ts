import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  executeChild,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { describeOpening } from '../plan/describe-opening';
import { fairnessOf } from '../plan/fairness';
import type { Closed } from '../plan/hours';
import { type SyncInput, syncInputSchema, type SyncSummary, type TableProgress } from '../plan/wire';
import { forSummary } from '../plan/reconcile-wire';
import { bytesSetAside, shortenProgress } from '../plan/run-size';
import { childId } from '../plan/workflow-ids';
import { allEnded } from './all-ended';
import { describeSync } from './details';
import { explain } from './explain';
import { syncProgressQuery } from './messages';
import { parseInput, refuseCarried } from './parse-input';
import { idlePolicy, planPolicy } from './policies';
import { whenOpen } from './when-open';
import type { reconcileTable } from './reconcile-table';
import { RunTables } from './run-tables';
import { steerRun } from './steer-run';
import { type Asked, SteeredTables } from './steered-tables';
import { idleProgress, observationOf, waitingTable, withComparison } from './table-outcome';
import { startWatch, tellWatch } from './tell-watch';
import type { syncTable } from './sync-table';

const { planSync } = proxyActivities<Activities>(planPolicy);
const { completeIdle } = proxyActivities<Activities>(idlePolicy);

/** What an execution hands to the next when it continues as new. Clients give {@link SyncInput} alone. */
interface Carried {
  tables: TableProgress[];
  lanes: { tables: number; intervals: number };
  connections?: number;
  reconcile?: Reconciled;
  paused: boolean;
  steered?: Asked['tables'];
  alarms?: { stallMs: number };
}

/** Which tables are compared once they are copied, and how deeply. */
type Reconciled = Exclude<Awaited<ReturnType<Activities['planSync']>>, Closed>['reconcile'];

const WANTED = 'Give {"sync": "name"}, and "tables": ["schema.table"] for some of its tables only.';

/**
 * Copies every table of a configured sync up to its horizon, a few at a time, each in a child workflow. A table that
 * fails leaves the others running. Ends with a summary; fails with the summary as its details when a table did not
 * complete.
 */
export async function sync(input: SyncInput, carried?: Carried): Promise<SyncSummary> {
  const { sync: name, tables: only, reconcile: depthForAll } = parseInput(syncInputSchema, input, WANTED);
  refuseCarried(carried, WANTED);
  const { workflowId } = workflowInfo();
  const steered = new SteeredTables(
    carried && { paused: carried.paused, ...(carried.steered && { tables: carried.steered }) },
  );
  let runTables: RunTables<TableProgress> | undefined = undefined;
  let opens: string | undefined = undefined;
  setHandler(syncProgressQuery, () => ({
    sync: name,
    state: steered.asked.paused
      ? 'paused'
      : opens !== undefined
        ? 'closed'
        : runTables
          ? 'copying'
          : 'planning',
    tables: runTables?.rows ?? carried?.tables ?? [],
    ...(opens !== undefined && { opens }),
  }));
  const stateOf = (table: string): TableProgress['state'] | undefined => runTables?.get(table)?.state;
  /** Tables that are to be begun; those that are compared, and how that is stopped. */
  let waiting: string[] = [];
  const comparing = new Map<string, CancellationScope>();
  let fillLanes = (): void => undefined;
  steerRun({
    steered,
    stateOf,
    drop: (table) => {
      waiting = waiting.filter((other) => other !== table);
      update(table, { state: 'skipped' });
    },
    stopComparing: (table) => comparing.get(table)?.cancel(),
    putBack: (table) => {
      tables.replace(waitingTable(table));
      show();
      waiting.push(table);
      fillLanes();
    },
  });

  const showOpening = (time: string | undefined): void => {
    opens = time;
    setCurrentDetails(describeOpening(time));
  };
  const planned = {
    sync: name,
    ...(only && { tables: only }),
    ...(depthForAll && { reconcile: depthForAll }),
  };
  const plan = carried ?? (await whenOpen(() => planSync(planned), showOpening));
  steered.plan(plan.lanes, plan.connections);
  if ('names' in plan && plan.alarms) await startWatch(name);
  const tables = (runTables = new RunTables(
    carried?.tables ?? (plan as { names: string[] }).names.map(waitingTable),
    {
      setAside: (table) => bytesSetAside(table, plan.reconcile?.[table] !== undefined),
      shorten: shortenProgress,
    },
  ));
  const show = (): void => setCurrentDetails(describeSync(tables.shown(), workflowInfo().unsafe.now()));
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

  waiting = tables.rows.flatMap(({ table, state }) => (state === 'waiting' ? [table] : []));
  let active = 0;
  const inLanes: Promise<void>[] = [];
  const inLane = async (): Promise<void> => {
    active += 1;
    while (!workflowInfo().continueAsNewSuggested) {
      const table = waiting.shift();
      if (table === undefined) break;
      update(table, { state: 'copying' });
      update(table, await copyTable(name, table));
    }
    active -= 1;
  };
  const copyTable = async (syncName: string, table: string): Promise<Partial<TableProgress>> => {
    try {
      const child = await startChild<typeof syncTable>('syncTable', {
        workflowId: childId(workflowId, table),
        args: [{ sync: syncName, table, ...steered.begin(table), ...plan.alarms }],
        staticSummary: table,
        priority: fairnessOf(syncName),
        memo: { sync: syncName, table },
      });
      await steered.begun(table);
      const copied = await child.result();
      const depth = plan.reconcile?.[table];
      if (depth === undefined || copied.state === 'skipped') return copied;
      update(table, { ...copied, state: 'comparing' });
      const scope = new CancellationScope();
      comparing.set(table, scope);
      const lanes = steered.lanesOf(table);
      try {
        const comparison = await scope.run(() =>
          executeChild<typeof reconcileTable>('reconcileTable', {
            workflowId: `${childId(workflowId, table)}/reconcile`,
            args: [{ sync: syncName, table, lanes, depth, repair: true, allowDeletes: false }],
            staticSummary: `${table}: compare`,
            priority: fairnessOf(syncName),
            memo: { sync: syncName, table },
          }),
        );
        return withComparison(copied, forSummary(comparison, tables.size));
      } catch (error) {
        if (isCancellation(error) && !CancellationScope.current().consideredCancelled)
          return { ...copied, state: 'skipped' };
        throw error;
      } finally {
        comparing.delete(table);
      }
    } catch (error) {
      if (isCancellation(error)) return { state: 'cancelled' };
      const failure = explain(error);
      log.error('table failed', { table, type: failure.type, error: failure.message });
      return { state: 'failed', error: failure };
    } finally {
      steered.ended(table);
    }
  };
  fillLanes = () => {
    for (let free = Math.min(plan.lanes.tables - active, waiting.length); free > 0; free--)
      inLanes.push(inLane());
  };
  fillLanes();
  do {
    await allEnded(inLanes);
    await condition(allHandlersFinished);
    // A table may have been put back meanwhile.
  } while (active > 0);

  const { paused, tables: steeredTables } = steered.asked;
  if (waiting.length > 0)
    return continueAsNew<typeof sync>(input, {
      tables: tables.rows,
      lanes: plan.lanes,
      ...(plan.connections !== undefined && { connections: plan.connections }),
      ...(plan.reconcile && { reconcile: plan.reconcile }),
      paused,
      ...(steeredTables && { steered: steeredTables }),
      ...(plan.alarms && { alarms: plan.alarms }),
    });
  if (plan.alarms) await tellWatch(name, tables.rows.flatMap(observationOf));
  return conclude(name, tables.rows);
}

function conclude(name: string, tables: TableProgress[]): SyncSummary {
  const incomplete = tables.filter(({ state }) => state !== 'completed' && state !== 'skipped');
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
