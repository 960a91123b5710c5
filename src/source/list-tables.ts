import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableName } from '../postgres/identifiers';
import { queryRows } from '../postgres/query';

/**
 * The user's tables and views, by schema and name: for globs, and for `init` to propose. Left out are the system's,
 * extensions' and TimescaleDB's own, what a parent's rows hold already (partitions, chunks), and Tidemark's checkpoints.
 */
export function listTables(client: ClientBase): Promise<TableName[]> {
  return queryRows(
    client,
    z.object({ schema: z.string(), name: z.string() }),
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
       AND n.nspname !~ '^pg_' AND n.nspname !~ '^_?timescaledb_' AND n.nspname NOT IN ('information_schema', 'tidemark')
       AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid)
       AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid
                         AND refclassid = 'pg_extension'::regclass AND deptype = 'e')
     ORDER BY 1, 2`,
  );
}
