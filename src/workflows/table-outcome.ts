import type { Observation } from '../plan/alarms';
import type { Comparison } from '../plan/reconcile-wire';
import type { IdleTable, TableProgress } from '../plan/wire';

/** What still differs is mostly what was written meanwhile: it is not settled, so that the next run compares it again. */
export function withComparison(copied: TableProgress, comparison: Comparison): TableProgress {
  const { stillDiffering, error } = comparison;
  const again = `${stillDiffering === 1 ? '1 interval' : `${stillDiffering} intervals`} still differed from the source after being copied again, as when rows are written meanwhile; the next run compares there again`;
  const warnings = [...copied.warnings, ...comparison.warnings, ...(stillDiffering > 0 ? [again] : [])];
  const done: TableProgress = { ...copied, state: 'completed', warnings, comparison };
  return error ? { ...done, state: 'failed', error } : done;
}

/** What a table's outcome says of its health; of one that was skipped or cancelled, nothing. */
export function observationOf({ table, state, watermark, error }: TableProgress): Observation[] {
  if (state === 'completed') return [{ table, health: 'copied', watermark }];
  if (state !== 'failed' || !error) return [];
  const health = error.type === 'Drift' ? 'drift' : 'failed';
  return [{ table, health, watermark, message: error.message }];
}

/** Of one that had nothing new. */
export function idleProgress({ watermark, odd, warnings }: IdleTable): Partial<TableProgress> {
  return { state: 'completed', watermark, horizon: watermark, part: 1, odd, warnings };
}

/** Before it is begun. */
export function waitingTable(table: string): TableProgress {
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
