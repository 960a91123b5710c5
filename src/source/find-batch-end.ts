import type { ClientBase } from 'pg';
import { z } from 'zod';
import { parseCursorValue } from '../plan/cursor-value';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { queryRows } from '../postgres/query';
import { type Cursor, inRange, rangeValues } from '../postgres/cursor-range';

/**
 * Where the batch that begins at `position` ends, in ticks (exclusive): after the value of its `rows`-th row, so that
 * rows which tie stay together; or at `upper`, where fewer are left. An index-only look where the cursor column has
 * an index.
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
  const [found] = await queryRows(
    client,
    z.object({ value: z.string() }),
    `SELECT ${name}::text AS value FROM ${quoteTable(table)} WHERE ${inRange(column, kind, '$1', '$2')}
     ORDER BY ${name} OFFSET $3 LIMIT 1`,
    [...rangeValues(kind, { lower: position, upper }), rows - 1],
  );
  return found ? parseCursorValue(kind, found.value) + 1n : upper;
}
