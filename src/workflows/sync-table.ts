import {
  allHandlersFinished,
  CancellationScope,
  condition,
  ContinueAsNew,
  continueAsNew,
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { rowsPerBatch } from '../plan/batch-size';
import { partDone } from '../plan/part-done';
import { setPausedArgs, steerArgs, syncTableInputSchema } from '../plan/run-inputs';
import type { Steering } from '../plan/steering';
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
import { setPausedSignal, steeredSignal, steerSignal, tableProgressQuery } from './messages';
import { isSignal, parseInput, refuseCarried } from './parse-input';
import { batchPolicy, planPolicy } from './policies';
import { watchStall } from './watch-stall';
import { isClosed, untilOpen, whenOpen } from './when-open';

const { planTable, completeTable } = proxyActivities<Activities>(planPolicy);
const { copyBatch, compressInterval } = proxyActivities<Activities>(batchPolicy);

type PlanInput = Parameters<Activities['planTable']>[0];

export interface SyncTableInput extends Steering {
  sync: string;
  table: string;
  /** Intervals that a comparison found to differ: copied again, besides what is new. */
  again?: AgainInterval[];
  /** Whatever is gone at the source may be deleted, beyond the table's limit. */
  allowDeletes?: boolean;
  /** After so many milliseconds without a batch its sync's watch is told; not there: nobody is. */
  stallMs?: number;
  /** What an earlier execution of this run came to, when it continued as new. */
  carried?: { plan: TablePlan; totals: TableTotals; intervalsDone: number };
}

const WANTED = 'A run of sync starts it: start that, with {"sync": "name"}.';

/**
 * Copies one table up to its horizon: plans, then keeps a batch in flight in each lane, every lane in an interval of
 * its own, then moves the watermark. The only one who decides what is copied next.
 */
export async function syncTable(input: SyncTableInput): Promise<TableProgress> {
  parseInput(syncTableInputSchema, input, WANTED);
  refuseCarried(input.carried, WANTED);
  const { sync, table } = input;
  let { paused, lanes, batch } = input;
  let stopping = false;
  let skipped = false as boolean;
  let completed: Completed | undefined = undefined;
  let opens: string | undefined = undefined;
  let intervalsDone = input.carried?.intervalsDone ?? 0;
  // A run of an earlier version carries totals that lack what was added since.
  const totals = { ...noTotals, ...input.carried?.totals };
  const underWay = new Map<number, WireInterval>();
  let waiting: WireInterval[] = [];
  let plan: TablePlan | undefined;
  const uncopied = (): WireInterval[] => [...underWay.values(), ...waiting];

  const stateNow = (): TableProgress['state'] => {
    if (completed) return 'completed';
    if (skipped) return 'skipped';
    if (paused) return 'paused';
    if (opens !== undefined) return 'closed';
    return plan ? 'copying' : 'planning';
  };
  const progress = (): TableProgress => ({
    ...totals,
    table,
    state: stateNow(),
    ...(opens !== undefined && { opens }),
    watermark: completed?.watermark ?? plan?.watermark ?? null,
    horizon: plan?.horizon ?? null,
    intervals: intervalsDone + uncopied().length,
    intervalsDone,
    part: plan
      ? partDone(plan.kind, uncopied(), intervalsDone, { ...totals, estimatedRows: plan.estimatedRows })
      : 0,
    estimatedRows: plan?.estimatedRows ?? 0,
    warnings: plan?.warnings ?? [],
    odd: plan?.odd ?? null,
  });
  const { startTime, unsafe } = workflowInfo();
  let partAtStart = 0;
  const showDetails = (): void =>
    setCurrentDetails(
      describeTable(progress(), { now: unsafe.now(), startedAt: startTime.getTime(), partAtStart }),
    );
  const showOpening = (time: string | undefined): void => {
    opens = time;
    showDetails();
  };
  setHandler(tableProgressQuery, progress);
  setHandler(setPausedSignal, (...args) => {
    if (isSignal('setPaused', setPausedArgs, args)) [paused] = args;
  });

  const run = async (): Promise<TableProgress> => {
    const settled = (plan =
      input.carried?.plan ?? (await whenOpen(() => planTable(planInput(input)), showOpening)));
    let { straight, averageRowBytes } = settled;
    let mostRows = Infinity;
    waiting = [...settled.intervals];
    partAtStart = progress().part;
    const mustStop = (): boolean => stopping || workflowInfo().continueAsNewSuggested;

    /** False where the lane is to end, and the interval waits for another one or for the next execution. */
    const copy = async (interval: WireInterval, lane: number): Promise<boolean> => {
      let current = interval;
      underWay.set(interval.id, current);
      while (current.position !== current.upper) {
        await condition(() => !paused || stopping || lane >= lanes);
        if (mustStop()) return false;
        if (lane >= lanes) {
          underWay.delete(interval.id);
          waiting.unshift(current);
          return false;
        }
        const limits = { ...settled.batchLimits, ...batch };
        const rows = Math.min(rowsPerBatch(limits, averageRowBytes), mostRows);
        const next = { sync, table, epoch: settled.epoch, interval: current, rows, straight };
        const summary = `${current.position} … ${current.upper}`;
        const result = await copyBatch.executeWithOptions({ ...batchPolicy, summary }, [next]);
        if (isClosed(result)) {
          await untilOpen(result, showOpening, () => stopping || lane >= lanes);
          continue;
        }
        count(totals, result);
        straight &&= result.straight;
        // Of what a limit allows more is tried again, bit by bit: it is another for every chunk.
        mostRows = result.mostRows ?? mostRows * 2;
        if (result.rows > 0) averageRowBytes = result.bytes / result.rows;
        current = nextPiece(current, result);
        underWay.set(interval.id, current);
        showDetails();
      }
      if (settled.compressing) await compressInterval({ sync, table, epoch: settled.epoch, interval });
      underWay.delete(interval.id);
      intervalsDone += 1;
      return !mustStop() && lane < lanes;
    };
    const inLane = async (lane: number): Promise<void> => {
      try {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
          if (!(await copy(next, lane))) return;
      } catch (error) {
        // The other lanes end their batches, and begin no more.
        stopping = true;
        throw error;
      } finally {
        underWayLanes.delete(lane);
        fillLanes();
      }
    };
    const inLanes: Promise<void>[] = [];
    fillLanes = () => {
      for (let lane = 0; lane < lanes && waiting.length > 0 && !mustStop(); lane++) {
        if (underWayLanes.has(lane)) continue;
        underWayLanes.add(lane);
        const ended = inLane(lane);
        // Its failure is thrown below, maybe some time after it ended.
        ended.catch(() => undefined);
        inLanes.push(ended);
      }
    };
    fillLanes();
    await allEnded(inLanes);

    if (uncopied().length > 0) {
      await condition(allHandlersFinished);
      const rest = { ...settled, intervals: uncopied(), straight, averageRowBytes };
      return continueAsNew<typeof syncTable>({
        ...input,
        ...{ paused, lanes, ...(batch && { batch }) },
        carried: { plan: rest, totals, intervalsDone },
      });
    }
    const { epoch, horizonAt } = settled;
    const completion = { sync, table, epoch, ...(horizonAt !== undefined && { horizonAt }) };
    completed = settled.completed ?? (await completeTable(completion));
    logCompleted(progress());
    return progress();
  };

  let ended = false as boolean;
  if (input.stallMs !== undefined)
    void watchStall({
      ...{ sync, table, stallMs: input.stallMs },
      steps: () => totals.batches + intervalsDone + (plan ? 1 : 0),
      rests: () => paused || opens !== undefined || (plan !== undefined && uncopied().length === 0),
      ended: () => ended,
    }).catch(() => undefined);

  const scope = new CancellationScope();
  /** Those whose number is above what was asked for end after their batch. */
  const underWayLanes = new Set<number>();
  let fillLanes = (): void => undefined;
  setHandler(steerSignal, async (message) => {
    if (!isSignal('steer', steerArgs, [message])) return;
    ({ paused, lanes, batch } = message);
    if (message.skip) {
      skipped = true;
      scope.cancel();
    }
    fillLanes();
    await condition(() => [...underWayLanes].every((lane) => lane < lanes));
    const { parent } = workflowInfo();
    if (parent)
      await getExternalWorkflowHandle(parent.workflowId).signal(steeredSignal, table, message.number);
  });
  try {
    return await scope.run(run);
  } catch (error) {
    // What was in flight may end by a timeout as well: it is rolled back, whatever it says.
    if (skipped && !(error instanceof ContinueAsNew)) return progress();
    throw error;
  } finally {
    ended = true;
    showDetails();
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
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
