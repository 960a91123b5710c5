import type { ClientBase } from 'pg';
import { z } from 'zod';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { queryRow } from '../postgres/query';
import { type Cursor, inRange, rangeValues, type TickRange } from '../postgres/cursor-range';

/**
 * The average width in bytes of up to 100 rows at a range's start, as stored: large values are not fetched, so
 * compressed ones count for less than they will be. Undefined where the range holds no row.
 */
export async function sampleWidth(
  client: ClientBase,
  { table, column, kind }: Cursor,
  range: TickRange,
  columns: readonly string[],
): Promise<number | undefined> {
  if (range.lower >= range.upper) return undefined;
  const width = columns.map((name) => `coalesce(pg_column_size(${quoteIdentifier(name)}), 0)`).join(' + ');
  const { average } = await queryRow(
    client,
    z.object({ average: z.string().nullable() }),
    `SELECT ceil(avg(width))::bigint AS average FROM (
       SELECT (${width || '0'})::bigint AS width FROM ${quoteTable(table)}
       WHERE ${inRange(column, kind, '$1', '$2')} LIMIT 100) sample`,
    rangeValues(kind, range),
  );
  return average === null ? undefined : Number(average);
}
