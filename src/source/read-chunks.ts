import type { ClientBase } from 'pg';
import { z } from 'zod';
import { type CursorKind, isTime, parseCursorValue, rangeOfKind } from '../plan/cursor-value';
import type { TableName } from '../postgres/identifiers';
import { pgBoolean, queryRows } from '../postgres/query';

/** A stretch of the time dimension that one chunk covers, or several where space is partitioned. In ticks. */
export interface ChunkRange {
  lower: bigint;
  upper: bigint;
  compressed: boolean;
}

const chunkRow = z.object({
  start: z.string().nullable(),
  end: z.string().nullable(),
  compressed: pgBoolean,
});

/**
 * The chunks' stretches of a hypertable's primary dimension, sorted, without overlap. `kind` is that dimension's, and
 * only where the cursor column is that dimension do they say anything about it. One query, also for 10,000 chunks.
 */
export async function readChunks(
  client: ClientBase,
  table: TableName,
  kind: CursorKind,
): Promise<ChunkRange[]> {
  const [start, end] = isTime(kind)
    ? [finite('range_start'), finite('range_end')]
    : ['range_start_integer::text', 'range_end_integer::text'];
  const rows = await queryRows(
    client,
    chunkRow,
    `SELECT ${start} AS start, ${end} AS "end", bool_or(coalesce(is_compressed, false)) AS compressed
     FROM timescaledb_information.chunks WHERE hypertable_schema = $1 AND hypertable_name = $2 GROUP BY 1, 2`,
    [table.schema, table.name],
  );
  const [lowest, highest] = rangeOfKind(kind);
  return withoutOverlap(
    rows.map((row) => ({
      lower: row.start === null ? lowest : toTicks(kind, row.start),
      upper: row.end === null ? highest + 1n : toTicks(kind, row.end),
      compressed: row.compressed,
    })),
  );
}

/** A chunk at either end of time has ±infinity for a bound. */
function finite(column: string): string {
  return `CASE WHEN isfinite(${column}) THEN ${column}::text END`;
}

/** Time dimensions of any type give their bounds as timestamptz, in UTC; those of a date are rounded up to a day. */
function toTicks(kind: CursorKind, text: string): bigint {
  if (!isTime(kind)) return parseCursorValue(kind, text);
  const micros = parseCursorValue('timestamptz', text);
  if (kind !== 'date') return micros;
  const day = 86_400_000_000n;
  return micros / day + (micros % day > 0n ? 1n : 0n);
}

/** Cuts ranges at each other's bounds, and joins what is alike: space partitions repeat ranges, or overlap in part. */
function withoutOverlap(ranges: ChunkRange[]): ChunkRange[] {
  const result: ChunkRange[] = [];
  for (const range of ranges.sort((a, b) =>
    a.lower < b.lower ? -1 : a.lower > b.lower ? 1 : a.upper < b.upper ? -1 : 1,
  )) {
    const last = result.at(-1);
    if (!last || range.lower >= last.upper) {
      result.push(range);
      continue;
    }
    last.compressed ||= range.compressed;
    if (range.upper > last.upper) result.push({ ...range, lower: last.upper });
  }
  return result;
}
