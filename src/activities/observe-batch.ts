import { log } from '@temporalio/activity';
import type { BatchInput, BatchResult } from '../plan/wire';
import type { Dependencies } from './dependencies';

/** Counts a batch that has ended, and tells the log of it: what went as it should at debug, what did not at warn. */
export function observeBatch({ metrics }: Dependencies, input: BatchInput, result: BatchResult): void {
  const labels = { sync: input.sync, table: input.table };
  const { rows, bytes, position, alreadyApplied, attempt, fenced = 0 } = result;
  const repeated = attempt > 1 && !alreadyApplied;
  metrics?.add('tidemark_batches', 1, labels);
  metrics?.add('tidemark_rows', rows, labels);
  metrics?.add('tidemark_bytes', bytes, labels);
  metrics?.add('tidemark_batches_repeated', repeated ? 1 : 0, labels);
  metrics?.add('tidemark_batches_already_applied', alreadyApplied ? 1 : 0, labels);
  metrics?.add('tidemark_batches_fenced', fenced, labels);
  if (alreadyApplied)
    log.warn('batch was applied by an earlier attempt that could not report it: nothing was copied', {
      position,
    });
  else log.debug('batch copied', { rows, bytes, position });
  if (repeated) log.warn('batch read again: an earlier attempt failed before it committed', { rows });
  if (fenced > 0)
    log.warn('batch read again: a chunk was compressed, dropped or moved while it was read', { fenced });
}
