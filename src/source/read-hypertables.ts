import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableName } from '../postgres/identifiers';
import { pgBigint, pgBoolean, pgInteger, queryRows } from '../postgres/query';
import { quoteIdentifier } from '../postgres/identifiers';
import { extensionSchema } from '../postgres/extension-schema';

/** What TimescaleDB adds to what the catalog says of a table. */
export interface HypertableFacts extends TableName {
  kind: 'hypertable' | 'continuous aggregate';
  estimatedRows: number | undefined;
  dimension:
    | {
        timeColumn: string;
        timeColumnType: string;
        chunkInterval: bigint;
        chunks: number;
        compressed: boolean;
      }
    | undefined;
}

const hypertableRow = z.object({
  schema: z.string(),
  name: z.string(),
  column: z.string(),
  type: z.string(),
  /** In microseconds, or the integer. */
  interval: pgBigint,
  chunks: pgInteger,
  compressed: pgBoolean,
  estimate: pgInteger.nullable(),
});

/**
 * The hypertables and continuous aggregates among these tables; none without TimescaleDB. Through
 * timescaledb_information, the catalog that stays the same between versions.
 */
export async function readHypertables(
  client: ClientBase,
  tables: readonly TableName[],
): Promise<HypertableFacts[]> {
  const schema = await extensionSchema(client, 'timescaledb');
  if (schema === undefined) return [];
  const values = [tables.map((table) => table.schema), tables.map((table) => table.name)];
  const estimate = `${quoteIdentifier(schema)}.approximate_row_count(format('%I.%I', h.hypertable_schema, h.hypertable_name)::regclass)`;
  const hypertables = await queryRows(
    client,
    hypertableRow,
    `SELECT h.hypertable_schema AS schema, h.hypertable_name AS name, d.column_name AS column, d.column_type::text AS type,
            coalesce((extract(epoch FROM d.time_interval) * 1000000)::bigint, d.integer_interval) AS interval,
            h.num_chunks AS chunks, h.compression_enabled AS compressed, ${estimate} AS estimate
     FROM timescaledb_information.hypertables h
     JOIN timescaledb_information.dimensions d
       ON d.hypertable_schema = h.hypertable_schema AND d.hypertable_name = h.hypertable_name AND d.dimension_number = 1
     WHERE (h.hypertable_schema, h.hypertable_name) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    values,
  );
  const aggregates = await queryRows(
    client,
    z.object({ schema: z.string(), name: z.string() }),
    `SELECT view_schema AS schema, view_name AS name FROM timescaledb_information.continuous_aggregates
     WHERE (view_schema, view_name) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    values,
  );
  return [
    ...hypertables.map(({ schema, name, column, type, interval, chunks, compressed, estimate }) => ({
      schema,
      name,
      kind: 'hypertable' as const,
      // Zero is also what one that was never analyzed has.
      estimatedRows: estimate === 0 ? undefined : (estimate ?? undefined),
      dimension: { timeColumn: column, timeColumnType: type, chunkInterval: interval, chunks, compressed },
    })),
    ...aggregates.map((view) => ({
      ...view,
      kind: 'continuous aggregate' as const,
      estimatedRows: undefined,
      dimension: undefined,
    })),
  ];
}
