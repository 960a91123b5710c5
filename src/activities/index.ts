import { type CompareInput, comparePortion } from './compare-portion';
import { completeIdle, type IdleInput } from './complete-idle';
import { completeReconcile, type CompleteReconcileInput } from './complete-reconcile';
import { completeTable, type CompleteInput } from './complete-table';
import { compressInterval } from './compress-interval';
import { qualified } from './configured-tables';
import { copyBatch } from './copy-batch';
import type { Dependencies } from './dependencies';
import { planSync, type SyncPlan } from './plan-sync';
import { type PlannedComparison, planReconcile } from './plan-reconcile';
import { type PlanInput, planTable } from './plan-table';
import { checkInput } from './check-input';
import { observeFailure } from './observe-failure';
import { type Raised, raiseAlarms, type RaiseInput } from './raise-alarms';
import { toFailure } from './to-failure';
import { weighDeletes, type WeighInput } from './weigh-deletes';
import { withinHours } from './within-hours';
import type { Closed } from '../plan/hours';
import type {
  BatchInput,
  BatchResult,
  Completed,
  CompressInput,
  IdleTable,
  SyncInput,
  TablePlan,
} from '../plan/wire';
import type { CompareRequest, PortionResult } from '../plan/reconcile-wire';
import { parseTableName } from '../postgres/identifiers';
import type { ErrorPlace } from '../postgres/describe-error';
import { originOf } from '../postgres/origin';

/** Those that read the source's tables answer {@link Closed} outside its hours. */
export interface Activities {
  planSync(input: SyncInput): Promise<SyncPlan | Closed>;
  completeIdle(input: IdleInput): Promise<IdleTable[] | Closed>;
  planTable(input: PlanInput): Promise<TablePlan | Closed>;
  copyBatch(input: BatchInput): Promise<BatchResult | Closed>;
  compressInterval(input: CompressInput): Promise<void>;
  completeTable(input: CompleteInput): Promise<Completed>;
  planReconcile(input: CompareRequest): Promise<PlannedComparison | Closed>;
  comparePortion(input: CompareInput): Promise<PortionResult | Closed>;
  raiseAlarms(input: RaiseInput): Promise<Raised>;
  weighDeletes(input: WeighInput): Promise<void>;
  completeReconcile(input: CompleteReconcileInput): Promise<void>;
}

/** The activities that a worker runs, over what it was given to work with. Whatever they throw is fit for history. */
export function createActivities(dependencies: Dependencies): Activities {
  const guarded =
    <Input extends object, Result>(
      name: keyof Activities,
      activity: (dependencies: Dependencies, input: Input) => Promise<Result>,
    ) =>
    async (input: Input): Promise<Result> => {
      checkInput(name, input);
      try {
        return await activity(dependencies, input);
      } catch (error) {
        const failure = toFailure(error, { ...placeOf(input), ...endOfError(error, dependencies, input) });
        observeFailure(dependencies, input, failure);
        throw failure;
      }
    };
  return {
    planSync: guarded('planSync', withinHours(planSync)),
    completeIdle: guarded('completeIdle', withinHours(completeIdle)),
    planTable: guarded('planTable', withinHours(planTable)),
    copyBatch: guarded('copyBatch', withinHours(copyBatch)),
    compressInterval: guarded('compressInterval', compressInterval),
    completeTable: guarded('completeTable', completeTable),
    planReconcile: guarded('planReconcile', withinHours(planReconcile)),
    comparePortion: guarded('comparePortion', withinHours(comparePortion)),
    raiseAlarms: guarded('raiseAlarms', raiseAlarms),
    weighDeletes: guarded('weighDeletes', weighDeletes),
    completeReconcile: guarded('completeReconcile', completeReconcile),
  };
}

function placeOf(input: object): ErrorPlace {
  const { table, interval } = input as Partial<BatchInput>;
  const { portion } = input as Partial<CompareInput>;
  return {
    ...(table !== undefined && { table: qualified(parseTableName(table)) }),
    ...(interval !== undefined && { interval: `[${interval.position}, ${interval.upper})` }),
    ...(portion !== undefined && { interval: `[${portion.lower}, ${portion.upper})` }),
  };
}

/** Which end an error came from, and where that is. */
function endOfError(error: unknown, { syncs }: Dependencies, input: object): ErrorPlace {
  const origin = originOf(error);
  const config = syncs.get((input as Partial<BatchInput>).sync ?? '')?.config;
  return { ...origin, ...(origin && config && { endpoint: config[origin.end] }) };
}
