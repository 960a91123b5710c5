import { completeTable, type CompleteInput } from './complete-table';
import { compressInterval } from './compress-interval';
import { qualified } from './configured-tables';
import { copyBatch } from './copy-batch';
import type { Dependencies } from './dependencies';
import { planSync, type SyncPlan } from './plan-sync';
import { planTable } from './plan-table';
import { toFailure } from './to-failure';
import type { BatchInput, BatchResult, Completed, CompressInput, SyncInput, TablePlan } from '../plan/wire';
import { parseTableName } from '../postgres/identifiers';
import type { ErrorPlace } from '../postgres/describe-error';
import { originOf } from '../postgres/origin';

export interface Activities {
  planSync(input: SyncInput): Promise<SyncPlan>;
  planTable(input: { sync: string; table: string }): Promise<TablePlan>;
  copyBatch(input: BatchInput): Promise<BatchResult>;
  compressInterval(input: CompressInput): Promise<void>;
  completeTable(input: CompleteInput): Promise<Completed>;
}

/** The activities that a worker runs, over what it was given to work with. Whatever they throw is fit for history. */
export function createActivities(dependencies: Dependencies): Activities {
  const guarded =
    <Input extends object, Result>(activity: (dependencies: Dependencies, input: Input) => Promise<Result>) =>
    async (input: Input): Promise<Result> => {
      try {
        return await activity(dependencies, input);
      } catch (error) {
        throw toFailure(error, { ...placeOf(input), ...endOfError(error, dependencies, input) });
      }
    };
  return {
    planSync: guarded(planSync),
    planTable: guarded(planTable),
    copyBatch: guarded(copyBatch),
    compressInterval: guarded(compressInterval),
    completeTable: guarded(completeTable),
  };
}

function placeOf(input: object): ErrorPlace {
  const { table, interval } = input as Partial<BatchInput>;
  return {
    ...(table !== undefined && { table: qualified(parseTableName(table)) }),
    ...(interval !== undefined && { interval: `[${interval.position}, ${interval.upper})` }),
  };
}

/** Which end an error came from, and where that is. */
function endOfError(error: unknown, { syncs }: Dependencies, input: object): ErrorPlace {
  const origin = originOf(error);
  const config = syncs.get((input as Partial<BatchInput>).sync ?? '')?.config;
  return { ...origin, ...(origin && config && { endpoint: config[origin.end] }) };
}
