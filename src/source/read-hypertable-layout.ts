import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { CompressionSettings, Dimension, HypertableLayout, Policy } from '../plan/layout';
import type { TableName } from '../postgres/identifiers';
import { pgBigint, pgBoolean, pgInteger, pgJson, queryRow, queryRows } from '../postgres/query';

const dimensionRow = z.object({
  column: z.string(),
  microseconds: pgBigint.nullable(),
  width: pgBigint.nullable(),
  partitions: pgInteger.nullable(),
});

/** Reads it through timescaledb_information, the catalog that stays the same between versions. */
export async function readHypertableLayout(client: ClientBase, table: TableName): Promise<HypertableLayout> {
  const dimensions = await queryRows(
    client,
    dimensionRow,
    `SELECT column_name AS column, (extract(epoch FROM time_interval) * 1000000)::bigint AS microseconds,
            integer_interval AS width, num_partitions AS partitions
     FROM timescaledb_information.dimensions
     WHERE hypertable_schema = $1 AND hypertable_name = $2 ORDER BY dimension_number`,
    [table.schema, table.name],
  );
  return {
    dimensions: dimensions.map(toDimension),
    compression: await readCompression(client, table),
    policies: await readPolicies(client, table),
  };
}

function toDimension({ column, microseconds, width, partitions }: z.infer<typeof dimensionRow>): Dimension {
  if (microseconds !== null) return { column, kind: 'time', microseconds };
  if (width !== null) return { column, kind: 'integer', width };
  return { column, kind: 'space', partitions: partitions ?? 1 };
}

const settingRow = z.object({
  column: z.string(),
  segment: pgBoolean,
  descending: pgBoolean,
  nullsFirst: pgBoolean,
});

/**
 * The settings that were made. Its view is the oldest one and lists column by column, where its successors join names
 * with commas; without rows, TimescaleDB chooses the order by itself.
 */
async function readCompression(
  client: ClientBase,
  table: TableName,
): Promise<CompressionSettings | undefined> {
  const values = [table.schema, table.name];
  const { enabled, listed } = await queryRow(
    client,
    z.object({ enabled: pgBoolean, listed: pgBoolean }),
    `SELECT EXISTS (SELECT FROM timescaledb_information.hypertables
                    WHERE hypertable_schema = $1 AND hypertable_name = $2 AND compression_enabled) AS enabled,
            to_regclass('timescaledb_information.compression_settings') IS NOT NULL AS listed`,
    values,
  );
  if (!enabled) return undefined;
  if (!listed) return { segmentBy: [], orderBy: [] };
  const rows = await queryRows(
    client,
    settingRow,
    `SELECT attname AS column, segmentby_column_index IS NOT NULL AS segment,
            NOT coalesce(orderby_asc, true) AS descending, coalesce(orderby_nullsfirst, false) AS "nullsFirst"
     FROM timescaledb_information.compression_settings
     WHERE hypertable_schema = $1 AND hypertable_name = $2
     ORDER BY segmentby_column_index, orderby_column_index`,
    values,
  );
  return {
    segmentBy: rows.flatMap(({ column, segment }) => (segment ? [column] : [])),
    orderBy: rows.filter(({ segment }) => !segment),
  };
}

const policyRow = z.object({
  proc: z.enum(['policy_compression', 'policy_retention']),
  config: pgJson(z.record(z.string(), z.unknown())),
  schedule: z.string(),
});

const ages: Record<z.infer<typeof policyRow>['proc'], [rows: string, creation: string]> = {
  policy_compression: ['compress_after', 'compress_created_before'],
  policy_retention: ['drop_after', 'drop_created_before'],
};

async function readPolicies(client: ClientBase, table: TableName): Promise<Policy[]> {
  const jobs = await queryRows(
    client,
    policyRow,
    `SELECT proc_name AS proc, config::text AS config, schedule_interval::text AS schedule
     FROM timescaledb_information.jobs
     WHERE hypertable_schema = $1 AND hypertable_name = $2 AND proc_name IN ('policy_compression', 'policy_retention')
     ORDER BY proc_name`,
    [table.schema, table.name],
  );
  return jobs.flatMap(({ proc, config, schedule }) => {
    const [rows, creation] = ages[proc];
    const after = config[rows] ?? config[creation];
    if (typeof after !== 'string' && typeof after !== 'number') return [];
    return [
      {
        kind: proc === 'policy_compression' ? ('compression' as const) : ('retention' as const),
        after: String(after),
        by: rows in config ? ('rows' as const) : ('creation' as const),
        scheduleInterval: schedule,
      },
    ];
  });
}
