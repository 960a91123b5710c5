import type { ClientBase } from 'pg';
import { z } from 'zod';
import { extensionSchema } from '../postgres/extension-schema';
import { quoteIdentifier } from '../postgres/identifiers';
import { pgInteger, queryRows } from '../postgres/query';
import { compressedRelation } from './compressed-relation';
import type { SourceTable } from './describe-tables';

/** What a table's rows take on disk, in bytes: with large values stored out of line, without indexes. */
export interface TableSize {
  /** As it is now, compressed chunks at their compressed size. */
  bytes: number;
  /** As it would be without compression, by what TimescaleDB noted when it compressed. */
  uncompressed: number;
}

const sizeRow = z.object({ position: pgInteger, bytes: pgInteger });

/**
 * The sizes of many tables at once, by their place in `tables`. Partitions, chunks and their compressed relations count
 * with their table, of a continuous aggregate those of its materialization. Views and foreign tables have none.
 */
export async function readSizes(
  client: ClientBase,
  tables: readonly SourceTable[],
): Promise<(TableSize | undefined)[]> {
  const stored = tables.map(({ hypertable, schema, name }) => hypertable?.hypertable ?? { schema, name });
  const internals = tables.find(({ hypertable }) => hypertable)?.hypertable?.internals;
  const rows = await queryRows(
    client,
    sizeRow,
    `WITH RECURSIVE parts(position, oid) AS (
       SELECT w.position, c.oid FROM unnest($1::text[], $2::text[]) WITH ORDINALITY w(schema, name, position)
       JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
       UNION ALL SELECT position, inhrelid FROM parts JOIN pg_inherits ON inhparent = parts.oid)
     SELECT position - 1 AS position,
            sum(pg_table_size(c.oid)${internals ? ` + coalesce(pg_table_size(${compressedRelation(internals, 'c')}), 0)` : ''})::bigint AS bytes
     FROM parts JOIN pg_class c ON c.oid = parts.oid WHERE c.relkind IN ('r', 'p', 'm') GROUP BY 1`,
    [stored.map(({ schema }) => schema), stored.map(({ name }) => name)],
  );
  const saved = await readSavings(client, tables);
  const sizes = tables.map((): TableSize | undefined => undefined);
  for (const { position, bytes } of rows)
    sizes[position] = { bytes, uncompressed: bytes + (saved.get(position) ?? 0) };
  return sizes;
}

/** How many bytes compression saves, by the place in `tables`. */
async function readSavings(client: ClientBase, tables: readonly SourceTable[]): Promise<Map<number, number>> {
  const compressed = tables.flatMap(({ hypertable }, position) =>
    hypertable && hypertable.compressedChunks > 0 ? [{ position, ...hypertable.hypertable }] : [],
  );
  const schema = compressed.length > 0 ? await extensionSchema(client, 'timescaledb') : undefined;
  if (schema === undefined) return new Map();
  const rows = await queryRows(
    client,
    sizeRow,
    `SELECT w.position, coalesce(s.before_compression_table_bytes + s.before_compression_toast_bytes
              - s.after_compression_table_bytes - s.after_compression_toast_bytes, 0)::bigint AS bytes
     FROM unnest($1::text[], $2::text[], $3::int[]) w(schema, name, position)
     CROSS JOIN LATERAL ${quoteIdentifier(schema)}.hypertable_compression_stats(format('%I.%I', w.schema, w.name)::regclass) s`,
    [
      compressed.map((one) => one.schema),
      compressed.map(({ name }) => name),
      compressed.map(({ position }) => position),
    ],
  );
  return new Map(rows.map(({ position, bytes }) => [position, bytes]));
}
