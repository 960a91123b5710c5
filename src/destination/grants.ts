import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { Deletes, TableIdentity, WriteMode } from '../plan/table-spec';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { pgBoolean, queryRow, queryRows } from '../postgres/query';
import { CHECKPOINT_TABLES } from './checkpoint-schema';

const databaseRow = z.object({
  role: z.string(),
  database: z.string(),
  create: pgBoolean,
  temporary: pgBoolean,
});
const schemaRow = z.object({ exists: pgBoolean, usage: pgBoolean.nullable(), create: pgBoolean.nullable() });

/** Privileges that a mode's statements ask for. All read: what an interval holds, and what it would replace. */
const needed: Record<WriteMode, string[]> = {
  upsert: ['SELECT', 'INSERT', 'UPDATE'],
  replace: ['SELECT', 'INSERT', 'DELETE'],
  append: ['SELECT', 'INSERT', 'DELETE'],
};

/** A table to be written, and how. */
interface Target {
  table: TableIdentity;
  mode: WriteMode;
  deletes: Deletes;
}

function needs({ mode, deletes }: Target): string[] {
  return mode === 'upsert' && deletes === 'mirror' ? [...needed.upsert, 'DELETE'] : needed[mode];
}

/**
 * The GRANT statements that the role lacks to write these tables, and to keep checkpoints in schema `tidemark`; to be
 * run by the owner of the database, the schema or the table. None where it may do all that it needs to.
 */
export async function missingDestinationGrants(
  client: ClientBase,
  targets: readonly Target[],
): Promise<string[]> {
  const own = await queryRow(
    client,
    databaseRow,
    `SELECT current_user AS role, current_database() AS database, has_database_privilege(current_database(), 'CREATE') AS create,
            has_database_privilege(current_database(), 'TEMPORARY') AS temporary`,
  );
  const role = quoteIdentifier(own.role);
  const onDatabase = (privilege: string): string =>
    `GRANT ${privilege} ON DATABASE ${quoteIdentifier(own.database)} TO ${role};`;
  const checkpoints = CHECKPOINT_TABLES.map((name) => ({
    table: { schema: 'tidemark', name },
    privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  }));
  const statements =
    own.temporary || !targets.some(({ mode }) => mode === 'upsert') ? [] : [onDatabase('TEMPORARY')];
  for (const { table, privileges } of [
    ...checkpoints,
    ...targets.map((target) => ({ table: target.table, privileges: needs(target) })),
  ]) {
    const schema = await readSchema(client, table.schema);
    if (!schema.exists) {
      if (!own.create) statements.push(onDatabase('CREATE'));
      continue;
    }
    const onSchema = (privilege: string): string =>
      `GRANT ${privilege} ON SCHEMA ${quoteIdentifier(table.schema)} TO ${role};`;
    if (!schema.usage) statements.push(onSchema('USAGE'));
    const lacking = await lackingOnTable(client, table, privileges);
    if (lacking === 'no table') statements.push(...(schema.create ? [] : [onSchema('CREATE')]));
    else if (lacking.length > 0)
      statements.push(`GRANT ${lacking.join(', ')} ON ${quoteTable(table)} TO ${role};`);
  }
  return [...new Set(statements)];
}

function readSchema(client: ClientBase, name: string): Promise<z.infer<typeof schemaRow>> {
  return queryRow(
    client,
    schemaRow,
    `SELECT oid IS NOT NULL AS exists, has_schema_privilege(oid, 'USAGE') AS usage, has_schema_privilege(oid, 'CREATE') AS create
     FROM (SELECT) one LEFT JOIN pg_namespace ON nspname = $1`,
    [name],
  );
}

async function lackingOnTable(
  client: ClientBase,
  table: TableIdentity,
  needs: string[],
): Promise<string[] | 'no table'> {
  const rows = await queryRows(
    client,
    z.object({ privilege: z.string(), granted: pgBoolean }),
    `SELECT privilege, has_table_privilege(c.oid, privilege) AS granted
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest($3::text[]) privilege
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'f', 'm')`,
    [table.schema, table.name, needs],
  );
  return rows.length === 0
    ? 'no table'
    : rows.flatMap(({ privilege, granted }) => (granted ? [] : [privilege]));
}
