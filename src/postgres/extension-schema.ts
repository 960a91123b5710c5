import type { ClientBase } from 'pg';
import { z } from 'zod';
import { queryRow } from './query';

const extensionRow = z.object({ schema: z.string().nullable() });

/** The schema that an extension's functions and types are in; undefined where it is not installed. */
export async function extensionSchema(
  client: ClientBase,
  extension: 'timescaledb' | 'vector',
): Promise<string | undefined> {
  const { schema } = await queryRow(
    client,
    extensionRow,
    `SELECT (SELECT nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
             WHERE extname = $1) AS schema`,
    [extension],
  );
  return schema ?? undefined;
}
