import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableName } from '../postgres/identifiers';
import { pgInteger, queryRows } from '../postgres/query';

/**
 * Which part of a column's values are NULL, from 0 to 1, by the planner's statistics (PostgreSQL: pg_stats), for many
 * columns at once and in their order; undefined where there are none, or the role may not see them.
 */
export async function readNullFractions(
  client: ClientBase,
  columns: readonly { table: TableName; column: string }[],
): Promise<(number | undefined)[]> {
  const fractions = columns.map((): number | undefined => undefined);
  if (columns.length === 0) return fractions;
  const rows = await queryRows(
    client,
    z.object({ position: pgInteger, fraction: z.string().transform(Number) }),
    `SELECT w.position - 1 AS position, max(s.null_frac) AS fraction
     FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY w(schema, name, attribute, position)
     JOIN pg_stats s ON s.schemaname = w.schema AND s.tablename = w.name AND s.attname = w.attribute GROUP BY 1`,
    [
      columns.map(({ table }) => table.schema),
      columns.map(({ table }) => table.name),
      columns.map(({ column }) => column),
    ],
  );
  for (const { position, fraction } of rows) fractions[position] = fraction;
  return fractions;
}
