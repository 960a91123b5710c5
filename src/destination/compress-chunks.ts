import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { ChunkState } from '../plan/layout';
import type { TableIdentity } from '../plan/table-spec';
import { chunkLower, chunkUpper } from '../postgres/dimension-range';
import { extensionSchema } from '../postgres/extension-schema';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import { queryRows } from '../postgres/query';

/**
 * Compresses those of a hypertable's chunks whose rows are in compressed chunks at the source, all of them. `within`
 * leaves out chunks that reach beyond it, in the dimension's own units; there, chunks that are compressed already are
 * done again, since rows may have come to them. Each chunk is a transaction of its own, and may be repeated.
 */
export async function compressChunks(
  client: ClientBase,
  table: TableIdentity,
  source: ChunkState[],
  within?: { lower: bigint; upper: bigint },
): Promise<void> {
  const schema = await extensionSchema(client, 'timescaledb');
  if (schema === undefined || !source.some(({ compressed }) => compressed)) return;
  const chunks = await queryRows(
    client,
    z.object({ schema: z.string(), name: z.string() }),
    `SELECT chunk_schema AS schema, chunk_name AS name
     FROM (SELECT *, ${chunkLower} AS lower, ${chunkUpper} AS upper FROM timescaledb_information.chunks
           WHERE hypertable_schema = $1 AND hypertable_name = $2) chunk
     WHERE CASE WHEN $3::bigint IS NULL THEN NOT is_compressed ELSE lower >= $3 AND upper <= $4 END
       AND (SELECT bool_and(compressed) FROM unnest($5::bigint[], $6::bigint[], $7::boolean[]) s(lower, upper, compressed)
            WHERE s.lower < chunk.upper AND s.upper > chunk.lower)
     ORDER BY chunk.lower`,
    [
      table.schema,
      table.name,
      within?.lower,
      within?.upper,
      source.map(({ lower }) => lower),
      source.map(({ upper }) => upper),
      source.map(({ compressed }) => compressed),
    ],
  );
  for (const chunk of chunks) {
    await client.query('BEGIN');
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query(
      longStatement(
        `SELECT ${quoteIdentifier(schema)}.compress_chunk($1::regclass, if_not_compressed => true)`,
        [quoteTable(chunk)],
      ),
    );
    await client.query('COMMIT');
  }
}
