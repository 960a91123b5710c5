import type { ClientBase } from 'pg';
import { z } from 'zod';
import { parseCursorValue } from '../plan/cursor-value';
import { type Cursor, inRange, rangeValues, type TickRange } from '../postgres/cursor-range';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { queryRow } from '../postgres/query';

/** The least cursor value within a range, in ticks; undefined where the range holds no row. */
export async function readFirst(
  client: ClientBase,
  { table, column, kind }: Cursor,
  range: TickRange,
): Promise<bigint | undefined> {
  if (range.lower >= range.upper) return undefined;
  const { first } = await queryRow(
    client,
    z.object({ first: z.string().nullable() }),
    `SELECT min(${quoteIdentifier(column)})::text AS first FROM ${quoteTable(table)} WHERE ${inRange(column, kind, '$1', '$2')}`,
    rangeValues(kind, range),
  );
  return first === null ? undefined : parseCursorValue(kind, first);
}
