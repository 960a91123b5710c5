import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { ChunksOf } from '../plan/table-spec';
import { extensionSchema } from '../postgres/extension-schema';
import { quoteIdentifier, type TableName } from '../postgres/identifiers';
import { pgBigint, pgBoolean, pgInteger, queryRows } from '../postgres/query';
import { findInternals } from './compressed-relation';

/** What TimescaleDB adds to what the catalog says of a table. */
export interface HypertableFacts extends TableName {
  kind: 'hypertable' | 'continuous aggregate';
  estimatedRows: number | undefined;
  dimension: Dimension;
}

/** The primary dimension; a continuous aggregate's is its bucket column. */
export interface Dimension {
  timeColumn: string;
  timeColumnType: string;
  chunkInterval: bigint;
  chunks: number;
  compressedChunks: number;
  /** Whose chunks they are: the hypertable itself, or a continuous aggregate's materialization. */
  hypertable: TableName;
  internals: ChunksOf['internals'];
  /** Of an integer dimension: the function that tells its now, bare of its schema. An aggregate's is that of its rows. */
  integerNow: string | undefined;
}

const hypertableRow = z.object({
  schema: z.string(),
  name: z.string(),
  aggregate: pgBoolean,
  ofSchema: z.string(),
  ofName: z.string(),
  column: z.string(),
  type: z.string(),
  /** In microseconds, or the integer. */
  interval: pgBigint,
  integerNow: z.string().nullable(),
  chunks: pgInteger,
  compressedChunks: pgInteger,
  estimate: pgInteger.nullable(),
});

/* Chunks are counted once for all tables that are asked for. */
const HYPERTABLES = (extension: string): string => `
  WITH wanted AS (SELECT * FROM unnest($1::text[], $2::text[]) w(schema, name)),
  found AS (
    SELECT hypertable_schema AS schema, hypertable_name AS name, false AS aggregate,
           hypertable_schema AS of_schema, hypertable_name AS of_name,
           hypertable_schema AS raw_schema, hypertable_name AS raw_name
    FROM timescaledb_information.hypertables WHERE (hypertable_schema, hypertable_name) IN (SELECT * FROM wanted)
    UNION ALL
    SELECT view_schema, view_name, true, materialization_hypertable_schema, materialization_hypertable_name,
           hypertable_schema, hypertable_name
    FROM timescaledb_information.continuous_aggregates WHERE (view_schema, view_name) IN (SELECT * FROM wanted)
  ), counted AS (
    SELECT hypertable_schema, hypertable_name, count(*) AS chunks, count(*) FILTER (WHERE is_compressed) AS compressed
    FROM timescaledb_information.chunks
    WHERE (hypertable_schema, hypertable_name) IN (SELECT of_schema, of_name FROM found) GROUP BY 1, 2
  )
  SELECT f.schema, f.name, f.aggregate, f.of_schema AS "ofSchema", f.of_name AS "ofName",
         d.column_name AS column, d.column_type::text AS type,
         coalesce((extract(epoch FROM d.time_interval) * 1000000)::bigint, d.integer_interval) AS interval,
         raw.integer_now_func AS "integerNow", coalesce(k.chunks, 0) AS chunks,
         coalesce(k.compressed, 0) AS "compressedChunks",
         ${extension}.approximate_row_count(c.oid) AS estimate
  FROM found f
  JOIN timescaledb_information.dimensions d
    ON d.hypertable_schema = f.of_schema AND d.hypertable_name = f.of_name AND d.dimension_number = 1
  JOIN pg_namespace n ON n.nspname = f.of_schema
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = f.of_name
  LEFT JOIN timescaledb_information.dimensions raw
    ON raw.hypertable_schema = f.raw_schema AND raw.hypertable_name = f.raw_name AND raw.dimension_number = 1
  LEFT JOIN counted k ON k.hypertable_schema = f.of_schema AND k.hypertable_name = f.of_name`;

/**
 * The hypertables and continuous aggregates among these tables; none without TimescaleDB. Through
 * timescaledb_information, the catalog that stays the same between versions.
 */
export async function readHypertables(
  client: ClientBase,
  tables: readonly TableName[],
): Promise<HypertableFacts[]> {
  const schema = await extensionSchema(client, 'timescaledb');
  if (schema === undefined || tables.length === 0) return [];
  const rows = await queryRows(client, hypertableRow, HYPERTABLES(quoteIdentifier(schema)), [
    tables.map((table) => table.schema),
    tables.map((table) => table.name),
  ]);
  if (rows.length === 0) return [];
  const internals = await findInternals(client);
  return rows.map((row) => ({
    schema: row.schema,
    name: row.name,
    kind: row.aggregate ? ('continuous aggregate' as const) : ('hypertable' as const),
    // Zero is also what one that was never analyzed has.
    estimatedRows: row.estimate === 0 ? undefined : (row.estimate ?? undefined),
    dimension: {
      timeColumn: row.column,
      timeColumnType: row.type,
      chunkInterval: row.interval,
      chunks: row.chunks,
      compressedChunks: row.compressedChunks,
      hypertable: { schema: row.ofSchema, name: row.ofName },
      internals,
      integerNow: row.integerNow ?? undefined,
    },
  }));
}
