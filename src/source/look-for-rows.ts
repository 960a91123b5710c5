import { type ClientBase, escapeLiteral } from 'pg';
import type { OddRows } from '../plan/wire';
import { type Cursor, inRange, rangeValues, type TickRange } from '../postgres/cursor-range';
import { quoteTable } from '../postgres/identifiers';
import { pgBoolean, pgInteger, queryRows } from '../postgres/query';
import { oddRowsColumns, oddRowsRow } from './count-odd-rows';

export interface LookRequest {
  cursor: Cursor & { notNull: boolean };
  /** The stretch that a run would read, in ticks. */
  stretch: TickRange;
  start: bigint;
}

/** Whether the stretch holds a row, and which rows a run would leave out. */
export interface Look {
  found: boolean;
  odd: OddRows;
}

/** Looks into many tables in one query. Index looks, where the cursor columns have indexes. In the order of the requests. */
export async function lookForRows(client: ClientBase, requests: readonly LookRequest[]): Promise<Look[]> {
  if (requests.length === 0) return [];
  const selects = requests.map(({ cursor, stretch, start }, place) => {
    const { table, column, kind } = cursor;
    const found =
      stretch.lower < stretch.upper
        ? `EXISTS (SELECT FROM ${quoteTable(table)} WHERE ${inRange(column, kind, ...literals(cursor, stretch))})`
        : 'false';
    return `SELECT ${place} AS place, ${found} AS found, ${oddRowsColumns(cursor, { start, horizon: stretch.upper })}`;
  });
  const rows = await queryRows(
    client,
    oddRowsRow.extend({ place: pgInteger, found: pgBoolean }),
    selects.join(' UNION ALL '),
  );
  return rows
    .sort((a, b) => a.place - b.place)
    .map(({ found, nullCursor, infinite, beyondHorizon, beforeStart }) => ({
      found,
      odd: { nullCursor, infinite, beyondHorizon, beforeStart },
    }));
}

function literals({ kind }: Cursor, stretch: TickRange): [string, string] {
  const [first, last] = rangeValues(kind, stretch);
  return [escapeLiteral(first), escapeLiteral(last)];
}
