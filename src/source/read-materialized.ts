import type { ClientBase } from 'pg';
import { z } from 'zod';
import { type CursorKind, microsecondsToTicks, parseCursorValue } from '../plan/cursor-value';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { pgBigint, pgBoolean, queryRow } from '../postgres/query';
import type { Dimension } from './read-hypertables';

export interface Materialized {
  /** The latest bucket that is materialized, in ticks. */
  latest: bigint;
  /** How wide buckets are, in ticks; undefined where this TimescaleDB does not tell. */
  bucket: bigint | undefined;
}

/**
 * Up to where a continuous aggregate is materialized; undefined where nothing is. Of the materialization itself: a
 * real-time aggregate's view adds buckets that are computed as it is read. The grants of the aggregate hold for it, too.
 * Where the latest bucket ends is not in timescaledb_information, but in TimescaleDB's own catalog (from 2.11 on).
 */
export async function readMaterialized(
  client: ClientBase,
  { hypertable, timeColumn }: Dimension,
  kind: CursorKind,
): Promise<Materialized | undefined> {
  const { latest, told } = await queryRow(
    client,
    z.object({ latest: z.string().nullable(), told: pgBoolean }),
    `SELECT max(${quoteIdentifier(timeColumn)})::text AS latest,
            coalesce(has_table_privilege(to_regclass('_timescaledb_catalog.continuous_aggs_watermark'), 'SELECT'), false)
              AS told
     FROM ${quoteTable(hypertable)}`,
  );
  if (latest === null) return undefined;
  const bucket = parseCursorValue(kind, latest);
  const end = told ? await readWatermark(client, hypertable) : undefined;
  return { latest: bucket, bucket: end === undefined ? undefined : microsecondsToTicks(kind, end) - bucket };
}

/** Where the latest bucket ends: in microseconds since the Unix epoch, or the integer. */
async function readWatermark(
  client: ClientBase,
  { schema, name }: Dimension['hypertable'],
): Promise<bigint | undefined> {
  const { watermark } = await queryRow(
    client,
    z.object({ watermark: pgBigint.nullable() }),
    `SELECT (SELECT w.watermark FROM _timescaledb_catalog.continuous_aggs_watermark w
             JOIN _timescaledb_catalog.hypertable h ON h.id = w.mat_hypertable_id
             WHERE h.schema_name = $1 AND h.table_name = $2) AS watermark`,
    [schema, name],
  );
  return watermark ?? undefined;
}
