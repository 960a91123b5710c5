import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { Stretch } from '../plan/chunk-stretches';
import {
  type CursorKind,
  isTime,
  microsecondsToTicks,
  parseCursorValue,
  rangeOfKind,
} from '../plan/cursor-value';
import type { ChunksOf } from '../plan/table-spec';
import { rangeValues, type TickRange } from '../postgres/cursor-range';
import { pgBoolean, queryRows } from '../postgres/query';
import { compressedRelation } from './compressed-relation';

/** A chunk as it is now. Its bounds are those of the primary dimension, in ticks. */
export interface Chunk extends Stretch {
  /** `schema.name`, as the catalog has it. */
  name: string;
  /** Changes when the chunk is compressed, decompressed, recompressed, rewritten or moved. */
  state: string;
}

const chunkRow = z.object({
  name: z.string(),
  start: z.string().nullable(),
  end: z.string().nullable(),
  compressed: pgBoolean,
  state: z.string(),
});

/**
 * The chunks of a hypertable whose range overlaps `range` (of the primary dimension, in ticks; all when left out), in
 * one query over timescaledb_information.chunks, also for 10,000 of them. `kind` is the primary dimension's.
 */
export async function readChunks(
  client: ClientBase,
  { hypertable, internals }: Pick<ChunksOf, 'hypertable' | 'internals'>,
  kind: CursorKind,
  range?: TickRange,
): Promise<Chunk[]> {
  const [start, end] = isTime(kind)
    ? ['range_start', 'range_end']
    : ['range_start_integer', 'range_end_integer'];
  const type = isTime(kind) ? 'timestamptz' : 'bigint';
  const relation = compressedRelation(internals, 'c');
  const rows = await queryRows(
    client,
    chunkRow,
    `SELECT format('%s.%s', k.chunk_schema, k.chunk_name) AS name, ${finite(kind, start)} AS start, ${finite(kind, end)} AS "end",
       coalesce(k.is_compressed, false) AS compressed,
       concat_ws('/', c.oid, c.relfilenode, c.reltablespace, k.is_compressed, compressed.oid, compressed.relfilenode) AS state
     FROM timescaledb_information.chunks k
     JOIN pg_namespace n ON n.nspname = k.chunk_schema
     JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = k.chunk_name
     LEFT JOIN pg_class compressed ON compressed.oid = ${relation}
     WHERE k.hypertable_schema = $1 AND k.hypertable_name = $2
       ${range ? `AND k.${end} >= $3::${type} AND k.${start} <= $4::${type}` : ''}`,
    [hypertable.schema, hypertable.name, ...(range ? rangeValues(kind, range) : [])],
  );
  const [lowest, highest] = rangeOfKind(kind);
  return rows.map((row) => ({
    name: row.name,
    state: row.state,
    compressed: row.compressed,
    lower: row.start === null ? lowest : toTicks(kind, row.start),
    upper: row.end === null ? highest + 1n : toTicks(kind, row.end),
  }));
}

/** A chunk at either end of time has ±infinity for a bound, or bigint's least and largest: also their own rows are in it. */
function finite(kind: CursorKind, column: string): string {
  if (isTime(kind)) return `CASE WHEN isfinite(k.${column}) THEN k.${column}::text END`;
  return `CASE WHEN k.${column} NOT IN (-9223372036854775808, 9223372036854775807) THEN k.${column}::text END`;
}

/** Time dimensions of any type give their bounds as timestamptz, in UTC; those of a date are rounded up to a day. */
function toTicks(kind: CursorKind, text: string): bigint {
  if (!isTime(kind)) return parseCursorValue(kind, text);
  return -microsecondsToTicks(kind, -parseCursorValue('timestamptz', text));
}
