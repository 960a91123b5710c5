import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { rowsPerBatch } from '../plan/batch-size';
import type { BatchResult, TablePlan, TableProgress, TableTotals, WireInterval } from '../plan/wire';
import { setPausedSignal, tableProgressQuery } from './messages';
import { batchPolicy, planPolicy } from './policies';
import { describeTable } from './details';

const { planTable, completeTable } = proxyActivities<Activities>(planPolicy);

export interface SyncTableInput {
  sync: string;
  table: string;
  /** Intervals to copy at the same time. */
  lanes: number;
  paused?: boolean;
  /** What an earlier execution of this run came to, when it continued as new. */
  carried?: { plan: TablePlan; totals: TableTotals; intervalsDone: number };
}

/**
 * Copies one table up to its horizon: plans, then keeps as many batches in flight as there are lanes, each in an
 * interval of its own, then moves the watermark. The only one who decides what is copied next.
 */
export async function syncTable(input: SyncTableInput): Promise<TableProgress> {
  const { sync, table } = input;
  let paused = input.paused ?? false;
  const totals = input.carried?.totals ?? { rows: 0, bytes: 0, batches: 0, repeated: 0, alreadyApplied: 0 };
  let intervalsDone = input.carried?.intervalsDone ?? 0;
  let plan = input.carried?.plan;
  let watermark: string | null | undefined;

  const progress = (): TableProgress => ({
    ...totals,
    table,
    state: watermark !== undefined ? 'completed' : paused ? 'paused' : plan ? 'copying' : 'planning',
    watermark: watermark ?? plan?.watermark ?? null,
    horizon: plan?.horizon ?? null,
    intervals: intervalsDone + (plan?.intervals.length ?? 0),
    intervalsDone,
    estimatedRows: plan?.estimatedRows ?? 0,
    warnings: plan?.warnings ?? [],
    odd: plan?.odd ?? null,
  });
  setHandler(tableProgressQuery, progress);
  setHandler(setPausedSignal, (value) => void (paused = value));

  plan ??= await planTable({ sync, table });
  const { epoch, batchLimits } = plan;
  // A plan is replaced, never changed in place: history keeps what the activity returned.
  const state = { waiting: [...plan.intervals], straight: plan.straight, averageRowBytes: plan.averageRowBytes };
  const underWay = new Map<number, WireInterval>();
  const mustContinue = (): boolean => workflowInfo().continueAsNewSuggested;

  const copy = async (interval: WireInterval): Promise<void> => {
    underWay.set(interval.id, interval);
    let current = interval;
    while (current.position !== current.upper) {
      await condition(() => !paused);
      if (mustContinue()) return;
      const rows = rowsPerBatch(batchLimits, state.averageRowBytes);
      const { copyBatch } = proxyActivities<Activities>({
        ...batchPolicy,
        summary: `${current.position} … ${current.upper}`,
      });
      const result = await copyBatch({ sync, table, epoch, interval: current, rows, straight: state.straight });
      count(totals, result);
      state.straight &&= result.straight;
      if (result.rows > 0) state.averageRowBytes = result.bytes / result.rows;
      current = { ...current, position: result.position };
      underWay.set(interval.id, current);
      plan = { ...(plan as TablePlan), intervals: [...underWay.values(), ...state.waiting] };
      setCurrentDetails(describeTable(progress()));
    }
    underWay.delete(interval.id);
    intervalsDone += 1;
    plan = { ...(plan as TablePlan), intervals: [...underWay.values(), ...state.waiting] };
  };

  const lane = async (): Promise<void> => {
    for (;;) {
      if (mustContinue()) return;
      const next = state.waiting.shift();
      if (next === undefined) return;
      await copy(next);
    }
  };
  await allEnded(Array.from({ length: input.lanes }, lane));

  if (underWay.size > 0 || state.waiting.length > 0) {
    await condition(allHandlersFinished);
    const carried = {
      plan: { ...plan, intervals: [...underWay.values(), ...state.waiting], straight: state.straight, averageRowBytes: state.averageRowBytes },
      totals,
      intervalsDone,
    };
    return continueAsNew<typeof syncTable>({ ...input, paused, carried });
  }
  watermark = (await completeTable({ sync, table, epoch })).watermark;
  setCurrentDetails(describeTable(progress()));
  return progress();
}

/** Waits for every lane, so that none is left behind by another one's failure; then throws the first failure. */
async function allEnded(lanes: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(lanes);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (failures.length > 0) throw failures.find((failure) => !isCancellation(failure)) ?? failures[0];
}

function count(totals: TableTotals, result: BatchResult): void {
  totals.rows += result.rows;
  totals.bytes += result.bytes;
  totals.batches += 1;
  totals.alreadyApplied += result.alreadyApplied ? 1 : 0;
  totals.repeated += result.attempt > 1 && !result.alreadyApplied ? 1 : 0;
}
