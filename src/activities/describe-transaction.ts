import { formatCursorValue } from '../plan/cursor-value';
import type { OpenTransaction } from '../source/open-transactions';

/** Who holds the horizon back, without what it is doing: a query's text may hold values. */
export function describeTransaction({ what, since, pid, role, application }: OpenTransaction): string {
  const who = [pid === undefined ? '' : `pid ${pid}`, role ?? '', application ?? '']
    .filter(Boolean)
    .join(', ');
  return `a ${what} open since ${formatCursorValue('timestamptz', since)}${who && ` (${who})`}`;
}
