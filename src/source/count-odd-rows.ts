import { type ClientBase, escapeLiteral } from 'pg';
import { z } from 'zod';
import { groupStretches } from '../plan/chunk-groups';
import { formatCursorValue, isTime, rangeOfKind } from '../plan/cursor-value';
import type { Interval } from '../plan/intervals';
import type { OddRows } from '../plan/wire';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { pgInteger, queryRow } from '../postgres/query';
import { below, type Cursor, fromOn } from '../postgres/cursor-range';
import { countRows } from './count-rows';

/** No more are counted: a count that reaches this means "more than 100,000". */
export const ODD_ROWS_LIMIT = 100_001;

export const oddRowsRow = z.object({
  nullCursor: pgInteger,
  infinite: pgInteger,
  beyondHorizon: pgInteger,
  beforeStart: pgInteger,
});

export interface OddRowsRequest {
  start: bigint;
  horizon: bigint;
  /** Of a table with chunks along its cursor column: what they cover. */
  stretches?: readonly Interval[] | undefined;
}

/**
 * Counts the rows that a run from `start` to `horizon` (ticks) leaves out, by reason, each up to
 * {@link ODD_ROWS_LIMIT}. Index looks where the cursor column has an index.
 */
export async function countOddRows(
  client: ClientBase,
  cursor: Cursor & { notNull: boolean },
  { start, horizon, stretches }: OddRowsRequest,
): Promise<OddRows> {
  const [lowest] = rangeOfKind(cursor.kind);
  const oneByOne = stretches === undefined ? undefined : { lower: lowest, upper: start };
  const bounds = { start: oneByOne ? lowest : start, horizon };
  const counts = await queryRow(client, oddRowsRow, `SELECT ${oddRowsColumns(cursor, bounds)}`);
  if (oneByOne === undefined || stretches === undefined) return counts;
  return { ...counts, beforeStart: await countInChunks(client, cursor, oneByOne, stretches) };
}

/** Any number of chunks may be there. */
async function countInChunks(
  client: ClientBase,
  cursor: Cursor,
  range: Interval,
  stretches: readonly Interval[],
): Promise<number> {
  let counted = 0;
  for (const group of groupStretches(range, stretches).reverse()) {
    if (counted >= ODD_ROWS_LIMIT) break;
    counted += await countRows(client, cursor, group, ODD_ROWS_LIMIT - counted);
  }
  return counted;
}

/** The same counts as the columns of a SELECT, see {@link oddRowsRow}. */
export function oddRowsColumns(
  { table, column, kind, notNull }: Cursor & { notNull: boolean },
  { start, horizon }: { start: bigint; horizon: bigint },
): string {
  const [lowest, highest] = rangeOfKind(kind);
  const name = quoteIdentifier(column);
  const count = (condition: string) =>
    `(SELECT count(*) FROM (SELECT FROM ${quoteTable(table)} WHERE ${condition} LIMIT ${ODD_ROWS_LIMIT}) odd)`;
  const infinite = ['infinity', '-infinity'].map((value) => count(`${name} = '${value}'`)).join(' + ');
  // A bound that the type cannot hold has no rows beyond it.
  const beyond = horizon > highest ? undefined : formatCursorValue(kind, horizon < lowest ? lowest : horizon);
  const before = start <= lowest ? undefined : formatCursorValue(kind, start > highest ? highest : start);
  return `${notNull ? '0' : count(`${name} IS NULL`)} AS "nullCursor",
          ${isTime(kind) ? infinite : '0'} AS infinite,
          ${beyond === undefined ? '0' : count(fromOn(column, kind, escapeLiteral(beyond)))} AS "beyondHorizon",
          ${before === undefined ? '0' : count(below(column, kind, escapeLiteral(before)))} AS "beforeStart"`;
}
