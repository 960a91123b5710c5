import type { ClientBase } from 'pg';
import { z } from 'zod';
import { pgInteger, queryRow } from '../postgres/query';
import type { TableName } from '../postgres/identifiers';

/** Of small rows; an estimate that is too large cuts more intervals than are needed, and no harm is done. */
const ROW_BYTES = 50;

/** How many rows a hypertable's chunks may hold, by their size: of those that were never analyzed nothing else is known. */
export async function estimateBySize(client: ClientBase, { schema, name }: TableName): Promise<number> {
  const { bytes } = await queryRow(
    client,
    z.object({ bytes: pgInteger }),
    `SELECT coalesce(sum(pg_relation_size(i.inhrelid)), 0)::bigint AS bytes FROM pg_inherits i
     JOIN pg_class c ON c.oid = i.inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, name],
  );
  return bytes / ROW_BYTES;
}
