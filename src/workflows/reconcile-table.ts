import {
  condition,
  allHandlersFinished,
  continueAsNew,
  executeChild,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { joinDifferences } from '../plan/join-differences';
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
import { comparePolicy, planPolicy } from './policies';
import type { syncTable } from './sync-table';

const { planReconcile, weighDeletes, completeReconcile } = proxyActivities<Activities>(planPolicy);
const { comparePortion } = proxyActivities<Activities>(comparePolicy);

export interface ReconcileTableInput extends CompareRequest {
  /** Portions compared, and intervals copied, at the same time. */
  lanes: number;
  allowDeletes: boolean;
  /** What an earlier execution of this run came to, when it continued as new. */
  carried?: { plan: Plan; comparison: Comparison };
}

type Plan = Awaited<ReturnType<Activities['planReconcile']>>;

/**
 * Compares one table with its source and, unless only asked to tell, copies again what differs and compares that once
 * more: plans by hints, compares portion by portion, weighs what would be deleted, copies, looks again.
 */
export async function reconcileTable(input: ReconcileTableInput): Promise<Comparison> {
  const { sync, table, lanes, repair, allowDeletes } = input;
  const comparison: Comparison = input.carried?.comparison ?? newComparison(input);
  setHandler(comparisonQuery, () => comparison);
  const { depth, from, to } = input;
  const request = {
    sync,
    table,
    depth,
    repair,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  const plan = input.carried?.plan ?? (await planReconcile(request));
  const { kind, watermark, stretches, skipped, dropped, warnings } = plan;
  Object.assign(comparison, { watermark, stretches, skipped, dropped, warnings });
  const show = (): void => setCurrentDetails(describeComparison(comparison));

  const compare = async (portions: Portion[], add: (result: PortionResult, portion: Portion) => void) => {
    let stopping = false;
    const lane = async (): Promise<void> => {
      try {
        while (!stopping && !workflowInfo().continueAsNewSuggested) {
          const portion = portions.shift();
          if (portion === undefined) return;
          const compared = { sync, table, portion, watermark: watermark ?? '', rules: plan.rules };
          const summary = `${portion.lower} … ${portion.upper}`;
          add(await comparePortion.executeWithOptions({ ...comparePolicy, summary }, [compared]), portion);
          show();
        }
      } catch (error) {
        stopping = true;
        throw error;
      }
    };
    await allEnded(Array.from({ length: lanes }, lane));
  };

  const waiting = [...plan.portions];
  const differences = [...comparison.differences];
  await compare(waiting, (result, portion) => {
    comparison.compared += portion.cuts.length + 1;
    count(comparison, result);
    differences.push(...result.differences);
    comparison.differences = joinDifferences(kind, differences, MOST_DIFFERENCES);
    comparison.differing = comparison.differences.length;
    setRemaining(comparison, comparison.differences);
  });
  if (waiting.length > 0) {
    await condition(allHandlersFinished);
    return continueAsNew<typeof reconcileTable>({
      ...input,
      carried: { plan: { ...plan, portions: waiting }, comparison },
    });
  }

  // What a sync was refused to delete is among what was left out.
  const refusedBefore = allowDeletes && plan.uncompared.length > 0;
  if (repair && (comparison.differences.length > 0 || refusedBefore)) {
    const gone = plan.rules.deletes === 'keep' ? 0 : Math.max(0, goneOf(comparison.differences, plan.keyed));
    if (gone > 0 && !allowDeletes) {
      try {
        await weighDeletes({ sync, table, gone });
      } catch (error) {
        if (isCancellation(error)) throw error;
        return { ...comparison, state: 'failed', error: explain(error) };
      }
    }
    comparison.state = 'repairing';
    show();
    const again = comparison.differences.map(({ lower, upper, archive }) => ({
      lower,
      upper,
      rewrite: archive !== true,
    }));
    const copied = await executeChild<typeof syncTable>('syncTable', {
      workflowId: childId(workflowInfo().workflowId, 'copy'),
      args: [{ sync, table, lanes, paused: false, again, allowDeletes }],
      staticSummary: `${table}: ${again.length} intervals again`,
    });
    comparison.rowsCopied = copied.rows;
    const remaining: Difference[] = [];
    await compare(
      comparison.differences.map(asPortion),
      (result) => void remaining.push(...result.differences),
    );
    setRemaining(comparison, joinDifferences(kind, remaining, MOST_DIFFERENCES));
    comparison.repaired = remaining.length === 0;
  }
  if (repair && watermark !== null)
    await completeReconcile({
      ...request,
      kind,
      remaining: [...comparison.remaining, ...plan.uncompared].map(({ lower, upper }) => ({ lower, upper })),
    });
  comparison.state = 'completed';
  show();
  return comparison;
}

function setRemaining(comparison: Comparison, remaining: Difference[]): void {
  comparison.remaining = remaining;
  comparison.stillDiffering = remaining.length;
}

/** Without a key a changed row is one that is missing and one that is extra: only what is left over is gone. */
function goneOf(differences: Difference[], keyed: boolean): number {
  return differences
    .filter(({ archive }) => archive !== true)
    .reduce((gone, { missing, extra }) => gone + (keyed ? extra : extra - missing), 0);
}

function asPortion({ lower, upper, archive }: Difference): Portion {
  return { lower, upper, cuts: [], ...(archive && { archive }) };
}

export function newComparison({ table, depth }: Pick<CompareRequest, 'table' | 'depth'>): Comparison {
  const none = { stretches: 0, skipped: 0, dropped: 0, compared: 0, sourceRows: 0, destinationRows: 0 };
  const counts = {
    missing: 0,
    extra: 0,
    different: 0,
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
  comparison.kept += result.kept;
  comparison.moved += result.moved;
  for (const { missing, extra, different } of result.differences) {
    comparison.missing += missing;
    comparison.extra += extra;
    comparison.different += different;
  }
}
