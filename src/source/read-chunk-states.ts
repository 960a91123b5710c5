import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { ChunkState } from '../plan/layout';
import { chunkLower, chunkUpper } from '../postgres/dimension-range';
import type { TableName } from '../postgres/identifiers';
import { pgBigint, pgBoolean, queryRows } from '../postgres/query';

/** Which of a hypertable's chunks are compressed. Those that reach to the end of time are left out. */
export function readChunkStates(client: ClientBase, table: TableName): Promise<ChunkState[]> {
  return queryRows(
    client,
    z.object({ lower: pgBigint, upper: pgBigint, compressed: pgBoolean }),
    `SELECT * FROM (
       SELECT ${chunkLower} AS lower, ${chunkUpper} AS upper, coalesce(is_compressed, false) AS compressed
       FROM timescaledb_information.chunks WHERE hypertable_schema = $1 AND hypertable_name = $2) chunks
     WHERE lower IS NOT NULL AND upper IS NOT NULL`,
    [table.schema, table.name],
  );
}
