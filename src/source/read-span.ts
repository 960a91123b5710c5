import type { ClientBase } from 'pg';
import { z } from 'zod';
import { formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { queryRow } from '../postgres/query';
import { type Cursor, fromOn } from '../postgres/cursor-range';

/**
 * The least and the greatest cursor value from `start` on, in ticks; undefined where there is no row. ±infinity is
 * not looked at. PostgreSQL turns min and max into two looks at an index, or one scan where there is none.
 */
export async function readSpan(
  client: ClientBase,
  { table, column, kind }: Cursor,
  start: bigint,
): Promise<{ min: bigint; max: bigint } | undefined> {
  const name = quoteIdentifier(column);
  const { min, max } = await queryRow(
    client,
    z.object({ min: z.string().nullable(), max: z.string().nullable() }),
    `SELECT min(${name})::text AS min, max(${name})::text AS max FROM ${quoteTable(table)}
     WHERE ${fromOn(column, kind, '$1')}`,
    [formatCursorValue(kind, start)],
  );
  if (min === null || max === null) return undefined;
  return { min: parseCursorValue(kind, min), max: parseCursorValue(kind, max) };
}
