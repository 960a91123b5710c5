import { log } from '@temporalio/activity';
import type { PortionResult } from '../plan/reconcile-wire';
import type { Dependencies } from './dependencies';
import type { TableLabels } from './metrics';

const kinds = ['missing', 'extra', 'different'] as const;

/** Counts what comparing a portion came to, and tells the log of rows that differ. */
export function observeComparison(
  { metrics }: Dependencies,
  { sync, table }: TableLabels,
  { sourceRows, differences }: PortionResult,
): void {
  metrics?.add('tidemark_compared_rows', sourceRows, { sync, table });
  const counts = { missing: 0, extra: 0, different: 0 };
  for (const difference of differences) for (const kind of kinds) counts[kind] += difference[kind];
  for (const kind of kinds) metrics?.add('tidemark_differing_rows', counts[kind], { sync, table, kind });
  if (differences.length > 0) log.warn('rows differ', { ...counts, intervals: differences.length });
  else log.debug('rows compared', { rows: sourceRows });
}

/** Notes how many intervals a comparison could not settle. */
export function observeRemaining(
  { metrics }: Dependencies,
  { sync, table }: TableLabels,
  intervals: number,
): void {
  metrics?.set('tidemark_differing_intervals', intervals, { sync, table });
}
