import type { ClientBase } from 'pg';
import { z } from 'zod';
import { parseCursorValue } from '../plan/cursor-value';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { pgInteger, queryRow } from '../postgres/query';
import { type Cursor, inRange, rangeValues } from '../postgres/cursor-range';

/** What is left of an interval joins its last batch up to this part of one: a small batch costs as much as a large one. */
const SLACK = 0.5;

/**
 * Where the batch that begins at `position` ends, in ticks (exclusive): after the value of its `rows`-th row, so that
 * rows which tie stay together; or at `upper`, where no more than half as many again are left. An index-only look
 * where the cursor column has an index.
 */
export async function findBatchEnd(
  client: ClientBase,
  { table, column, kind }: Cursor,
  position: bigint,
  upper: bigint,
  rows: number,
): Promise<bigint> {
  if (position >= upper) return upper;
  const name = quoteIdentifier(column);
  const slack = Math.floor(rows * SLACK);
  const { value, further } = await queryRow(
    client,
    z.object({ value: z.string().nullable(), further: pgInteger }),
    `SELECT min(value)::text AS value, count(*) AS further FROM (
       SELECT ${name} AS value FROM ${quoteTable(table)} WHERE ${inRange(column, kind, '$1', '$2')}
       ORDER BY ${name} OFFSET $3 LIMIT $4) rest`,
    [...rangeValues(kind, { lower: position, upper }), rows - 1, slack + 1],
  );
  return value !== null && further > slack ? parseCursorValue(kind, value) + 1n : upper;
}
