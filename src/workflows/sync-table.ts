import {
  allHandlersFinished,
  condition,
  continueAsNew,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { rowsPerBatch } from '../plan/batch-size';
import { partDone } from '../plan/part-done';
import type {
  AgainInterval,
  BatchResult,
  Completed,
  TablePlan,
  TableProgress,
  TableTotals,
  WireInterval,
} from '../plan/wire';
import { allEnded } from './all-ended';
import { describeTable } from './details';
import { setPausedSignal, tableProgressQuery } from './messages';
import { batchPolicy, planPolicy } from './policies';
import { isClosed, untilOpen, whenOpen } from './when-open';

const { planTable, completeTable } = proxyActivities<Activities>(planPolicy);
const { copyBatch, compressInterval } = proxyActivities<Activities>(batchPolicy);

type PlanInput = Parameters<Activities['planTable']>[0];

export interface SyncTableInput {
  sync: string;
  table: string;
  /** Intervals to copy at the same time. */
  lanes: number;
  paused: boolean;
  /** Intervals that a comparison found to differ: copied again, besides what is new. */
  again?: AgainInterval[];
  /** Whatever is gone at the source may be deleted, beyond the table's limit. */
  allowDeletes?: boolean;
  /** What an earlier execution of this run came to, when it continued as new. */
  carried?: { plan: TablePlan; totals: TableTotals; intervalsDone: number };
}

/**
 * Copies one table up to its horizon: plans, then keeps a batch in flight in each lane, every lane in an interval of
 * its own, then moves the watermark. The only one who decides what is copied next.
 */
export async function syncTable(input: SyncTableInput): Promise<TableProgress> {
  const { sync, table } = input;
  let { paused } = input;
  let stopping = false;
  let completed: Completed | undefined = undefined;
  let opens: string | undefined = undefined;
  let intervalsDone = input.carried?.intervalsDone ?? 0;
  // A run of an earlier version carries totals that lack what was added since.
  const totals = { ...noTotals, ...input.carried?.totals };
  const underWay = new Map<number, WireInterval>();
  let waiting: WireInterval[] = [];
  let plan: TablePlan | undefined;
  const uncopied = (): WireInterval[] => [...underWay.values(), ...waiting];

  const progress = (): TableProgress => ({
    ...totals,
    table,
    state: completed ? 'completed' : paused ? 'paused' : opens ? 'closed' : plan ? 'copying' : 'planning',
    ...(opens !== undefined && { opens }),
    watermark: completed?.watermark ?? plan?.watermark ?? null,
    horizon: plan?.horizon ?? null,
    intervals: intervalsDone + uncopied().length,
    intervalsDone,
    part: plan ? partDone(plan.kind, uncopied(), intervalsDone) : 0,
    estimatedRows: plan?.estimatedRows ?? 0,
    warnings: plan?.warnings ?? [],
    odd: plan?.odd ?? null,
  });
  const showOpening = (time: string | undefined): void => {
    opens = time;
    setCurrentDetails(describeTable(progress()));
  };
  setHandler(tableProgressQuery, progress);
  setHandler(setPausedSignal, (value) => void (paused = value));

  const settled = (plan =
    input.carried?.plan ?? (await whenOpen(() => planTable(planInput(input)), showOpening)));
  let { straight, averageRowBytes } = settled;
  let mostRows = Infinity;
  waiting = [...settled.intervals];
  const mustStop = (): boolean => stopping || workflowInfo().continueAsNewSuggested;

  const copy = async (interval: WireInterval): Promise<void> => {
    let current = interval;
    underWay.set(interval.id, current);
    while (current.position !== current.upper) {
      await condition(() => !paused || stopping);
      if (mustStop()) return;
      const rows = Math.min(rowsPerBatch(settled.batchLimits, averageRowBytes), mostRows);
      const batch = { sync, table, epoch: settled.epoch, interval: current, rows, straight };
      const summary = `${current.position} … ${current.upper}`;
      const result = await copyBatch.executeWithOptions({ ...batchPolicy, summary }, [batch]);
      if (isClosed(result)) {
        await untilOpen(result, showOpening, () => stopping);
        continue;
      }
      count(totals, result);
      straight &&= result.straight;
      // Of what a limit allows more is tried again, bit by bit: it is another for every chunk.
      mostRows = result.mostRows ?? mostRows * 2;
      if (result.rows > 0) averageRowBytes = result.bytes / result.rows;
      current = nextPiece(current, result);
      underWay.set(interval.id, current);
      setCurrentDetails(describeTable(progress()));
    }
    if (settled.compressing) await compressInterval({ sync, table, epoch: settled.epoch, interval });
    underWay.delete(interval.id);
    intervalsDone += 1;
  };
  const lane = async (): Promise<void> => {
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await copy(next);
        if (mustStop()) return;
      }
    } catch (error) {
      // The other lanes end their batches, and begin no more.
      stopping = true;
      throw error;
    }
  };
  await allEnded(Array.from({ length: input.lanes }, lane));

  if (uncopied().length > 0) {
    await condition(allHandlersFinished);
    const rest = { ...settled, intervals: uncopied(), straight, averageRowBytes };
    return continueAsNew<typeof syncTable>({
      ...input,
      paused,
      carried: { plan: rest, totals, intervalsDone },
    });
  }
  const { epoch, horizonAt } = settled;
  const completion = { sync, table, epoch, ...(horizonAt !== undefined && { horizonAt }) };
  completed = settled.completed ?? (await completeTable(completion));
  setCurrentDetails(describeTable(progress()));
  logCompleted(progress());
  return progress();
}

/** Only what is there: histories of earlier versions hold a sync and a table alone. */
function planInput({ sync, table, again, allowDeletes }: SyncTableInput): PlanInput {
  return { sync, table, ...(again && { again }), ...(allowDeletes !== undefined && { allowDeletes }) };
}

/** Seconds by the worker's own clock, which only the log may see. */
function logCompleted({ rows, batches, repeated, watermark }: TableProgress): void {
  const { startTime, unsafe } = workflowInfo();
  const seconds = (unsafe.now() - startTime.getTime()) / 1000;
  log.info('table completed', { rows, batches, repeated, watermark, seconds });
}

const noTotals: TableTotals = { rows: 0, bytes: 0, batches: 0, repeated: 0, alreadyApplied: 0, fenced: 0 };

function nextPiece({ id, lower, upper }: WireInterval, { position, width }: BatchResult): WireInterval {
  return { id, lower, upper, position, ...(width !== undefined && { width }) };
}

function count(totals: TableTotals, result: BatchResult): void {
  totals.rows += result.rows;
  totals.bytes += result.bytes;
  totals.batches += 1;
  totals.alreadyApplied += result.alreadyApplied ? 1 : 0;
  totals.fenced += result.fenced ?? 0;
  totals.repeated += result.attempt > 1 && !result.alreadyApplied ? 1 : 0;
}
