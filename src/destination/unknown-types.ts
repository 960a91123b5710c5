import type { ClientBase } from 'pg';
import { z } from 'zod';
import { queryRows } from '../postgres/query';

/** The first column whose configured type the destination does not know; its name and the type. */
export async function findUnknownType(
  client: ClientBase,
  types: Record<string, string>,
): Promise<{ column: string; type: string } | undefined> {
  const entries = Object.entries(types);
  if (entries.length === 0) return undefined;
  const [unknown] = await queryRows(
    client,
    z.object({ column: z.string(), type: z.string() }),
    `SELECT name AS column, type FROM unnest($1::text[], $2::text[]) wanted(name, type) WHERE to_regtype(type) IS NULL`,
    [entries.map(([column]) => column), entries.map(([, type]) => type)],
  );
  return unknown;
}
