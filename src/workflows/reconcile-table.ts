import {
  condition,
  allHandlersFinished,
  continueAsNew,
  executeChild,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { parseCursorValue } from '../plan/cursor-value';
import type { Closed } from '../plan/hours';
import { joinDifferences } from '../plan/join-differences';
import { portionsWithin } from '../plan/portions';
import { reconcileTableInputSchema } from '../plan/run-inputs';
import {
  type CompareRequest,
  type Comparison,
  type Difference,
  MOST_DIFFERENCES,
  type Portion,
  type PortionResult,
} from '../plan/reconcile-wire';
import { childId } from '../plan/workflow-ids';
import { allEnded } from './all-ended';
import { describeComparison } from './details';
import { explain } from './explain';
import { comparisonQuery } from './messages';
import { parseInput, refuseCarried } from './parse-input';
import { comparePolicy, planPolicy } from './policies';
import type { syncTable } from './sync-table';
import { isClosed, untilOpen, whenOpen } from './when-open';

const { planReconcile, weighDeletes, completeReconcile } = proxyActivities<Activities>(planPolicy);
const { comparePortion } = proxyActivities<Activities>(comparePolicy);

export interface ReconcileTableInput extends CompareRequest {
  /** Portions compared, and intervals copied, at the same time. */
  lanes: number;
  allowDeletes: boolean;
  /** How often it began anew, since a sync had taken the table over. */
  restarts?: number;
  /** What an earlier execution of this run came to, when it continued as new. */
  carried?: Carried;
}

interface Carried {
  plan: Plan;
  comparison: Comparison;
  /** What differed was copied again, and is to be compared once more. */
  copied: boolean;
  /** How many portions of the plan, or of what was copied again, are still to be compared. */
  left: number;
  /** Of others, what is left of them. */
  begun?: Portion[];
}

const MOST_RESTARTS = 5;
const RESTART_AFTER = '5 seconds';

type Plan = Exclude<Awaited<ReturnType<Activities['planReconcile']>>, Closed>;

const WANTED = 'A run of reconcile starts it: start that, with {"sync": "name"}.';

/**
 * Compares one table with its source and, unless only asked to tell, copies again what differs and compares that once
 * more: plans by hints, compares portion by portion, weighs what would be deleted, copies, looks again.
 */
export async function reconcileTable(input: ReconcileTableInput): Promise<Comparison> {
  parseInput(reconcileTableInputSchema, input, WANTED);
  refuseCarried(input.carried, WANTED);
  const { sync, table, lanes, repair, allowDeletes } = input;
  const comparison: Comparison = input.carried?.comparison ?? newComparison(input);
  let opens: string | undefined = undefined;
  const seen = (): Comparison =>
    opens === undefined ? comparison : { ...comparison, state: 'closed', opens };
  setHandler(comparisonQuery, seen);
  const show = (): void => setCurrentDetails(describeComparison(seen()));
  const showOpening = (time: string | undefined): void => {
    opens = time;
    show();
  };
  const { depth, from, to } = input;
  const request = {
    sync,
    table,
    depth,
    repair,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  const plan = input.carried?.plan ?? (await whenOpen(() => planReconcile(request), showOpening));
  const { kind, watermark, stretches, skipped, dropped, warnings, rules, seenBy } = plan;
  Object.assign(comparison, { watermark, stretches, skipped, dropped, warnings });
  const walls = plan.archives.map(({ lower, upper }) => ({
    lower: parseCursorValue(kind, lower),
    upper: parseCursorValue(kind, upper),
  }));
  const join = (differences: Difference[]): Difference[] =>
    joinDifferences(kind, differences, MOST_DIFFERENCES, walls);

  /** What of the portions taken off the list is still to be compared. */
  const begun = input.carried?.begun ?? [];
  /** Takes the portions that it compares off the list: what is left there is for the next execution. */
  const compare = async (portions: Portion[], add: (result: PortionResult, portion: Portion) => void) => {
    let stopping = false;
    const lane = async (): Promise<void> => {
      try {
        while (!stopping && !workflowInfo().continueAsNewSuggested) {
          const portion = begun.shift() ?? portions.shift();
          if (portion === undefined) return;
          const summary = `${portion.lower} … ${portion.upper}`;
          const compared = { sync, table, portion, rules };
          const result = await comparePortion.executeWithOptions({ ...comparePolicy, summary }, [compared]);
          if (isClosed(result)) {
            begun.unshift(portion);
            await untilOpen(result, showOpening, () => stopping);
            continue;
          }
          if (result.rest) begun.push(result.rest);
          add(result, portion);
          show();
        }
      } catch (error) {
        stopping = true;
        throw error;
      }
    };
    await allEnded(Array.from({ length: lanes }, lane));
  };
  const continueWith = async (copied: boolean, left: number): Promise<never> => {
    await condition(allHandlersFinished);
    return continueAsNew<typeof reconcileTable>({
      ...input,
      carried: { plan, comparison, copied, left, begun },
    });
  };

  const { copied, left } = input.carried ?? { copied: false, left: plan.portions.length };
  if (!copied) {
    const waiting = plan.portions.slice(plan.portions.length - left);
    await compare(waiting, (result, portion) => {
      comparison.compared += stretchesOf(portion) - (result.rest ? stretchesOf(result.rest) : 0);
      count(comparison, result);
      comparison.differences = join([...comparison.differences, ...result.differences]);
      comparison.differing = comparison.differences.length;
      setRemaining(comparison, comparison.differences);
    });
    if (begun.length + waiting.length > 0) return continueWith(false, waiting.length);
  }

  // What a sync was refused to delete is among what was left out.
  const refusedBefore = allowDeletes && plan.uncompared.length > 0;
  if (repair && (comparison.differences.length > 0 || refusedBefore)) {
    if (!copied) {
      const refusal = allowDeletes
        ? undefined
        : await refusalOfDeletes({ sync, table, gone: comparison.gone });
      if (refusal) return { ...comparison, state: 'failed', error: refusal };
      comparison.state = 'repairing';
      show();
      const again = comparison.differences.map(({ lower, upper, archive }) => ({
        lower,
        upper,
        rewrite: archive !== true,
      }));
      try {
        const { rows } = await executeChild<typeof syncTable>('syncTable', {
          workflowId: childId(workflowInfo().workflowId, 'copy'),
          args: [{ sync, table, lanes, paused: false, again, allowDeletes }],
          staticSummary: `${table}: ${again.length} intervals again`,
          memo: { sync, table },
        });
        comparison.rowsCopied = rows;
      } catch (error) {
        const restarts = (input.restarts ?? 0) + 1;
        if (restarts > MOST_RESTARTS || explain(error).type !== 'Superseded') throw error;
        // A sync that began meanwhile has taken the intervals over, and copies them: what is left to compare?
        await sleep(RESTART_AFTER);
        await condition(allHandlersFinished);
        return continueAsNew<typeof reconcileTable>({ ...request, lanes, allowDeletes, restarts });
      }
      setRemaining(comparison, []);
    }
    const waiting = portionsWithin(kind, comparison.differences, plan.portions);
    if (copied) waiting.splice(0, waiting.length - left);
    await compare(waiting, (result) => {
      setRemaining(comparison, join([...comparison.remaining, ...result.differences]));
    });
    if (begun.length + waiting.length > 0) return continueWith(true, waiting.length);
    comparison.repaired = comparison.remaining.length === 0;
  }
  if (repair && watermark !== null)
    await completeReconcile({
      ...request,
      kind,
      seenBy,
      remaining: [...comparison.remaining, ...plan.uncompared].map(({ lower, upper }) => ({ lower, upper })),
    });
  comparison.state = 'completed';
  show();
  return comparison;
}

function stretchesOf({ cuts }: Portion): number {
  return cuts.length + 1;
}

function setRemaining(comparison: Comparison, remaining: Difference[]): void {
  comparison.remaining = remaining;
  comparison.stillDiffering = remaining.length;
}

async function refusalOfDeletes(
  weighed: Parameters<Activities['weighDeletes']>[0],
): Promise<Comparison['error']> {
  if (weighed.gone === 0) return undefined;
  try {
    await weighDeletes(weighed);
    return undefined;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return explain(error);
  }
}

export function newComparison({ table, depth }: Pick<CompareRequest, 'table' | 'depth'>): Comparison {
  const none = { stretches: 0, skipped: 0, dropped: 0, compared: 0, sourceRows: 0, destinationRows: 0 };
  const counts = {
    missing: 0,
    extra: 0,
    different: 0,
    gone: 0,
    kept: 0,
    moved: 0,
    rowsCopied: 0,
    differing: 0,
    stillDiffering: 0,
  };
  const lists = { differences: [], remaining: [], warnings: [] };
  return { table, state: 'comparing', depth, watermark: null, repaired: false, ...none, ...counts, ...lists };
}

function count(comparison: Comparison, result: PortionResult): void {
  comparison.sourceRows += result.sourceRows;
  comparison.destinationRows += result.destinationRows;
  comparison.gone += result.gone;
  comparison.kept += result.kept;
  comparison.moved += result.moved;
  for (const { missing, extra, different } of result.differences) {
    comparison.missing += missing;
    comparison.extra += extra;
    comparison.different += different;
  }
}
