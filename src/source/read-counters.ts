import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { ChunksOf } from '../plan/table-spec';
import type { TableName } from '../postgres/identifiers';
import { pgBoolean, queryRow, queryRows } from '../postgres/query';
import { compressedRelation } from './compressed-relation';

/**
 * What hints at changes of a table's rows: for each chunk, or for the whole of a table that has none, a text that is
 * another once rows were inserted, updated or deleted there, or the chunk was compressed, rewritten or replaced.
 */
export interface Counters {
  /** By the chunk's name; by '' for a table without chunks. */
  byChunk: Map<string, string>;
  /** Why the counters say nothing: then everything may have changed. */
  unknown: string | undefined;
}

const trustRow = z.object({ standby: pgBoolean, counting: pgBoolean, visible: pgBoolean, reset: z.string() });
const counterRow = z.object({ name: z.string(), counters: z.string(), uncounted: pgBoolean });

/**
 * Reads the counters of the cumulative statistics system (PostgreSQL: pg_stat_all_tables), which any role may. They
 * come some seconds late and include what was rolled back, so they hint and prove nothing. Deleting whole segments of
 * a compressed chunk counts on the relation that holds them alone. When the statistics were reset is part of the text,
 * as those of the background writer tell of a crash, which loses all of them: counters that begin anew may reach an old
 * value again.
 */
export async function readCounters(
  client: ClientBase,
  table: TableName,
  chunks: ChunksOf | undefined,
): Promise<Counters> {
  const trust = await queryRow(
    client,
    trustRow,
    `SELECT pg_is_in_recovery() AS standby, current_setting('track_counts')::boolean AS counting,
            EXISTS (SELECT FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS visible,
            concat_ws(' ', coalesce((SELECT stats_reset FROM pg_stat_database WHERE datname = current_database())::text, 'never'),
              (SELECT stats_reset FROM pg_stat_bgwriter)) AS reset`,
  );
  const rows = await queryRows(
    client,
    counterRow,
    chunks ? OF_CHUNKS(chunks.internals) : OF_TABLE,
    chunks ? [chunks.hypertable.schema, chunks.hypertable.name] : [table.schema, table.name],
  );
  return {
    byChunk: new Map(rows.map(({ name, counters }) => [name, `${trust.reset} ${counters}`])),
    unknown: whyUnknown(trust, rows),
  };
}

function whyUnknown(
  { standby, counting, visible }: z.infer<typeof trustRow>,
  relations: z.infer<typeof counterRow>[],
): string | undefined {
  if (standby) return 'a standby does not count what its primary writes';
  if (!counting) return 'the server counts no changes (track_counts is off)';
  if (!visible) return 'this server keeps no statistics';
  if (relations.some(({ uncounted }) => uncounted)) return 'views and foreign tables are not counted';
  return undefined;
}

const counted = (oid: string): string =>
  ['inserted', 'updated', 'deleted'].map((what) => `pg_stat_get_tuples_${what}(${oid})`).join(', ');

const OF_CHUNKS = (internals: ChunksOf['internals']): string => `
  SELECT format('%s.%s', k.chunk_schema, k.chunk_name) AS name,
         concat_ws('/', c.oid, c.relfilenode, k.is_compressed, ${counted('c.oid')}, x.oid, ${counted('x.oid')}) AS counters, c.relkind = 'f' AS uncounted
  FROM timescaledb_information.chunks k
  JOIN pg_namespace n ON n.nspname = k.chunk_schema
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = k.chunk_name
  LEFT JOIN pg_class x ON x.oid = ${compressedRelation(internals, 'c')}
  WHERE k.hypertable_schema = $1 AND k.hypertable_name = $2`;

const OF_TABLE = `
  WITH RECURSIVE parts(oid) AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
    UNION ALL SELECT inhrelid FROM pg_inherits JOIN parts ON inhparent = parts.oid)
  SELECT '' AS name, string_agg(concat_ws('/', c.oid, c.relfilenode, ${counted('c.oid')}), ' ' ORDER BY c.oid) AS counters, bool_or(c.relkind IN ('v', 'f')) AS uncounted
  FROM parts JOIN pg_class c ON c.oid = parts.oid HAVING count(*) > 0`;
