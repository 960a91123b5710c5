import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableName } from '../postgres/identifiers';
import { queryRows } from '../postgres/query';
import type { SourceTable } from './describe-tables';

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

/** The base types that a cursor column may have, the likeliest to tell when a row came first. */
const cursorTypes = [
  'timestamp with time zone',
  'timestamp without time zone',
  'date',
  'bigint',
  'integer',
  'smallint',
];

/**
 * What to propose for a table: the time dimension, or else a time column, indexed ones first, or else an indexed
 * integer of the primary key; and the primary key as the key. `cursor` is undefined where nothing offers itself.
 */
export function proposeCursor(table: SourceTable): { cursor: string | undefined; key: string[] } {
  return { cursor: table.hypertable?.timeColumn ?? likeliestColumn(table), key: table.primaryKey };
}

function likeliestColumn({ columns, indexedColumns, primaryKey }: SourceTable): string | undefined {
  const scored = columns.flatMap(({ name, baseType, notNull }, position) => {
    const rank = cursorTypes.indexOf(baseType.replace(/\(\d\)/, ''));
    if (rank === -1) return [];
    const isTime = rank < 3;
    if (!isTime && !(primaryKey.length === 1 && primaryKey[0] === name)) return [];
    return {
      name,
      score: [isTime ? 0 : 1, indexedColumns.includes(name) ? 0 : 1, notNull ? 0 : 1, rank, position],
    };
  });
  return scored.sort((a, b) => compare(a.score, b.score))[0]?.name;
}

function compare(a: number[], b: number[]): number {
  const index = a.findIndex((value, i) => value !== b[i]);
  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
