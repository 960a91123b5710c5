import type { ClientBase } from 'pg';
import { z } from 'zod';
import { quoteTable, type TableName } from '../postgres/identifiers';
import { pgInteger, pgJson, queryRows } from '../postgres/query';
import { type Dimension, type HypertableFacts, readHypertables } from './read-hypertables';

const columnSchema = z.object({
  name: z.string(),
  /** format_type with its modifier: `numeric(10,2)`, `public.vector(384)`; every schema but pg_catalog is written out. */
  type: z.string(),
  /** pg_type.typname and its schema; of an array, the array type's own (`_int4`). */
  typeName: z.string(),
  typeSchema: z.string(),
  /** pg_type.typtype of the type, of an array's elements: base, composite, domain, enum, range, multirange, pseudo. */
  typeKind: z.enum(['b', 'c', 'd', 'e', 'r', 'm', 'p']),
  /** The extension that the type, or an array's element type, belongs to. */
  extension: z.string().nullable(),
  isArray: z.boolean(),
  /** Of an array: format_type of its elements, without a modifier. */
  elementType: z.string().nullable(),
  /** Of a domain: format_type of what it is a domain over, at the bottom. Else the type itself. */
  baseType: z.string(),
  notNull: z.boolean(),
  generated: z.boolean(),
  /** Values may be large: stored outside the row, or compressed. */
  toastable: z.boolean(),
});
export type SourceColumn = z.infer<typeof columnSchema>;

export type TableKind =
  | 'table'
  | 'partitioned table'
  | 'hypertable'
  | 'view'
  | 'materialized view'
  | 'foreign table'
  | 'continuous aggregate';

export interface SourceTable extends TableName {
  kind: TableKind;
  columns: SourceColumn[];
  /** Empty where there is none. */
  primaryKey: string[];
  /** Columns of unique indexes that are valid, whole (no WHERE), over plain columns, and not deferred; the primary key first. */
  uniqueKeys: string[][];
  /** Columns that lead a valid btree index over all rows. */
  indexedColumns: string[];
  /** By the planner's statistics; undefined where there are none. */
  estimatedRows: number | undefined;
  /** Some value is stored out of line, or may be, so that a row may be huge. */
  large: boolean;
  /** Row-level security filters what this role reads. */
  rowSecurity: boolean;
  /** Of a hypertable, or of a continuous aggregate's materialization. */
  hypertable: Dimension | undefined;
}

const tableRow = z.object({
  schema: z.string(),
  name: z.string(),
  relkind: z.enum(['r', 'p', 'v', 'm', 'f']),
  columns: pgJson(z.array(columnSchema)),
  indexes: pgJson(
    z.array(
      z.object({ columns: z.array(z.string()), primary: z.boolean(), key: z.boolean(), leads: z.boolean() }),
    ),
  ),
  estimate: pgInteger.nullable(),
  security: z.enum(['t', 'f']),
  large: z.enum(['t', 'f']),
  inherited: z.enum(['t', 'f']),
});

/*
 * An array is a type that its element names as its array; int2vector, for one, only looks like it. What is told of a table
 * and all that inherits from it is gathered once for all tables: for each by itself, ten thousand take a minute.
 */
const TABLES = `
  WITH RECURSIVE wanted AS (
    SELECT w.position, c.oid
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY w(schema, name, position)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  ), parts(position, oid) AS (
    SELECT position, oid FROM wanted
    UNION ALL SELECT position, inhrelid FROM parts JOIN pg_inherits ON inhparent = parts.oid
  ), gathered AS (
    SELECT position, (sum(p.reltuples) FILTER (WHERE p.reltuples >= 0 AND p.relkind IN ('r', 'm', 'f')))::bigint AS estimate,
           bool_or(p.reltoastrelid <> 0 AND pg_relation_size(p.reltoastrelid) > 0) AS large
    FROM parts JOIN pg_class p ON p.oid = parts.oid GROUP BY 1
  )
  SELECT n.nspname AS schema, c.relname AS name, c.relkind, row_security_active(c.oid) AS security,
    (SELECT coalesce(json_agg(json_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'typeName', t.typname, 'typeSchema', tn.nspname, 'typeKind', coalesce(e.typtype, t.typtype),
        'extension', (SELECT x.extname FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
                      WHERE d.classid = 'pg_type'::regclass AND d.objid = coalesce(e.oid, t.oid)
                        AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' LIMIT 1),
        'isArray', e.oid IS NOT NULL, 'elementType', format_type(e.oid, NULL),
        'baseType', (WITH RECURSIVE base(oid, modifier, kind, next, next_modifier) AS (
                       SELECT t.oid, a.atttypmod, t.typtype, t.typbasetype, t.typtypmod
                       UNION ALL
                       SELECT b.oid, base.next_modifier, b.typtype, b.typbasetype, b.typtypmod
                       FROM base JOIN pg_type b ON b.oid = base.next WHERE base.kind = 'd')
                     SELECT format_type(oid, modifier) FROM base WHERE kind <> 'd'),
        'notNull', a.attnotnull, 'generated', a.attgenerated <> '', 'toastable', a.attstorage <> 'p'
      ) ORDER BY a.attnum), '[]')
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
     LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text AS columns,
    (SELECT coalesce(json_agg(json_build_object(
        'columns', (SELECT json_agg(a.attname ORDER BY k.position)
                    FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k(attnum, position)
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum),
        'primary', i.indisprimary, 'key', i.indisunique AND i.indimmediate, 'leads', m.amname = 'btree'
      ) ORDER BY i.indisprimary DESC, ic.relname), '[]')
     FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am m ON m.oid = ic.relam
     WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL)::text AS indexes,
    g.estimate, c.relkind IN ('v', 'f') OR g.large AS large,
    EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid) AS inherited
  FROM wanted w JOIN gathered g USING (position)
  JOIN pg_class c ON c.oid = w.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  ORDER BY w.position`;

/** What the source's catalog says of these tables, in their order; those that are not there are left out. */
export async function describeTables(
  client: ClientBase,
  names: readonly TableName[],
): Promise<SourceTable[]> {
  const rows = await queryRows(client, tableRow, TABLES, [
    names.map(({ schema }) => schema),
    names.map(({ name }) => name),
  ]);
  const hypertables = new Map(
    (await readHypertables(client, rows)).map((facts) => [quoteTable(facts), facts]),
  );
  return rows.map((row) => toTable(row, hypertables.get(quoteTable(row))));
}

/** As {@link describeTables}, for one table. */
export async function describeTable(client: ClientBase, name: TableName): Promise<SourceTable | undefined> {
  const [table] = await describeTables(client, [name]);
  return table;
}

function toTable(row: z.infer<typeof tableRow>, facts: HypertableFacts | undefined): SourceTable {
  const keys = row.indexes.filter(({ key }) => key).map(({ columns }) => columns);
  const leading = row.indexes.filter(({ leads }) => leads).flatMap(({ columns }) => columns.slice(0, 1));
  return {
    schema: row.schema,
    name: row.name,
    kind: facts?.kind ?? kinds[row.relkind],
    columns: row.columns,
    primaryKey: row.indexes.find(({ primary }) => primary)?.columns ?? [],
    // An index of a table that others inherit from says nothing about their rows, which are read with its own.
    uniqueKeys: row.relkind === 'r' && row.inherited === 't' && !facts ? [] : keys,
    indexedColumns: [...new Set(leading)],
    estimatedRows: facts?.estimatedRows ?? row.estimate ?? undefined,
    large:
      row.large === 't' ||
      facts?.kind === 'continuous aggregate' ||
      (facts?.dimension.compressedChunks ?? 0) > 0,
    rowSecurity: row.security === 't',
    hypertable: facts?.dimension,
  };
}

const kinds: Record<z.infer<typeof tableRow>['relkind'], TableKind> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};
