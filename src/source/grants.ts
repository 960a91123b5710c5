import type { ClientBase } from 'pg';
import { z } from 'zod';
import { quoteIdentifier, quoteTable, type TableName } from '../postgres/identifiers';
import { pgBoolean, queryRows } from '../postgres/query';

const grantRow = z.object({
  role: z.string(),
  schema: z.string(),
  name: z.string(),
  usage: pgBoolean,
  select: pgBoolean,
});

export interface ReadColumns {
  table: TableName;
  columns: readonly string[];
}

/**
 * The GRANT statements that the role lacks to read these columns, to be run by the tables' owner; none where it may
 * read them all. SELECT on all the columns is as good as SELECT on the table. Tables that are not there are passed over.
 */
export async function missingGrants(client: ClientBase, tables: readonly ReadColumns[]): Promise<string[]> {
  return [...new Set((await missingGrantsOfEach(client, tables)).flatMap(({ missing }) => missing))];
}

/** As {@link missingGrants}, table by table. */
export async function missingGrantsOfEach(
  client: ClientBase,
  tables: readonly ReadColumns[],
): Promise<(TableName & { missing: string[] })[]> {
  const rows = await queryRows(
    client,
    grantRow,
    `SELECT current_user AS role, n.nspname AS schema, c.relname AS name,
            has_schema_privilege(n.oid, 'USAGE') AS usage,
            has_table_privilege(c.oid, 'SELECT') OR coalesce((
              SELECT bool_and(has_column_privilege(c.oid, a.attnum, 'SELECT')) FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attname IN (SELECT json_array_elements_text(w.columns::json))), false) AS select
     FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY w(schema, name, columns, position)
     JOIN pg_namespace n ON n.nspname = w.schema
     JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
     ORDER BY w.position`,
    [
      tables.map(({ table }) => table.schema),
      tables.map(({ table }) => table.name),
      tables.map(({ columns }) => JSON.stringify(columns)),
    ],
  );
  return rows.map((row) => {
    const role = quoteIdentifier(row.role);
    const missing = [
      row.usage ? [] : [`GRANT USAGE ON SCHEMA ${quoteIdentifier(row.schema)} TO ${role};`],
      row.select ? [] : [`GRANT SELECT ON ${quoteTable(row)} TO ${role};`],
    ].flat();
    return { schema: row.schema, name: row.name, missing };
  });
}
