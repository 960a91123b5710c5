import type { OddRows } from '../plan/wire';
import { formatIdentifier } from '../postgres/identifiers';
import { ODD_ROWS_LIMIT } from '../source/count-odd-rows';
import { Problem } from './problem';

/** What a run says of rows that it saw and leaves out. Rows of the future wait for their time, so they are only counted. */
export function describeOddRows(odd: OddRows, column: string): string[] {
  const cursor = formatIdentifier(column);
  return [
    ...sentence(odd.nullCursor, `${cursor} is NULL, so that they are in no interval: they are not copied`),
    ...sentence(odd.infinite, `${cursor} is infinite: they are not copied`),
    ...sentence(odd.beforeStart, `${cursor} lies before start: they are not copied`),
  ];
}

/** Throws {@link Problem} where rows are there, and none has a cursor value: a run would copy nothing, and call it done. */
export function refuseOnlyNulls(odd: OddRows, column: string): void {
  if (odd.nullCursor === 0 || odd.infinite + odd.beyondHorizon + odd.beforeStart > 0) return;
  throw new Problem(
    'Configuration',
    `the cursor column ${formatIdentifier(column)} is NULL in every row, so that nothing can be copied`,
    'Choose a cursor column that has values, or fill it in.',
  );
}

function sentence(count: number, what: string): string[] {
  if (count === 0) return [];
  const rows =
    count >= ODD_ROWS_LIMIT
      ? `more than ${ODD_ROWS_LIMIT - 1} rows`
      : count === 1
        ? '1 row'
        : `${count} rows`;
  return [`${rows} whose ${what}`];
}
