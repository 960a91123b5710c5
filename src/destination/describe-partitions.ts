import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableIdentity } from '../plan/table-spec';
import { extensionSchema } from '../postgres/extension-schema';
import { pgBoolean, queryRows } from '../postgres/query';

/** What a table at the destination is parted into, as it is. */
export type ActualPartitions =
  | { kind: 'none' | 'other' }
  /** Range partitions of this column alone. */
  | { kind: 'native'; column: string }
  | { kind: 'hypertable'; compression: boolean };

export async function describePartitions(
  client: ClientBase,
  { schema, name }: TableIdentity,
): Promise<ActualPartitions> {
  if ((await extensionSchema(client, 'timescaledb')) !== undefined) {
    const [hypertable] = await queryRows(
      client,
      z.object({ compression: pgBoolean }),
      `SELECT compression_enabled AS compression FROM timescaledb_information.hypertables
       WHERE hypertable_schema = $1 AND hypertable_name = $2`,
      [schema, name],
    );
    if (hypertable) return { kind: 'hypertable', ...hypertable };
  }
  const [native] = await queryRows(
    client,
    z.object({ column: z.string().nullable() }),
    `SELECT CASE WHEN p.partstrat = 'r' AND p.partnatts = 1 THEN
              (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = p.partattrs[0]) END AS column
     FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, name],
  );
  if (!native) return { kind: 'none' };
  return native.column === null ? { kind: 'other' } : { kind: 'native', column: native.column };
}
