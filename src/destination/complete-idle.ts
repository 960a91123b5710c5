import type { ClientBase } from 'pg';
import { z } from 'zod';
import { queryRows } from '../postgres/query';

export interface IdleCandidate {
  table: string;
  /** The epoch that was read before looking. */
  epoch: number;
  /** The horizon, as PostgreSQL's text. */
  horizon: string;
}

/**
 * Moves the watermark of tables whose stretch holds no row, in one statement: what planning and completing each of them
 * would come to. Leaves out what another run has planned meanwhile, or left uncopied. Returns the names of those moved.
 */
export async function completeIdle(
  client: ClientBase,
  sync: string,
  run: string,
  tables: readonly IdleCandidate[],
): Promise<Set<string>> {
  if (tables.length === 0) return new Set();
  const moved = await queryRows(
    client,
    z.object({ table: z.string() }),
    `UPDATE tidemark.tables t SET epoch = t.epoch + 1, run = $2, planned = idle.horizon, watermark = idle.horizon,
       gone = 0, planned_at = now(), completed_at = now()
     FROM unnest($3::text[], $4::bigint[], $5::text[]) idle("table", epoch, horizon)
     WHERE t.sync = $1 AND t."table" = idle."table" AND t.epoch = idle.epoch
       AND NOT EXISTS (SELECT FROM tidemark.intervals i WHERE i.sync = t.sync AND i."table" = t."table")
     RETURNING t."table" AS "table"`,
    [
      sync,
      run,
      tables.map(({ table }) => table),
      tables.map(({ epoch }) => epoch),
      tables.map(({ horizon }) => horizon),
    ],
  );
  return new Set(moved.map(({ table }) => table));
}

/** Which of these tables the destination has, by `schema.name` unquoted and in order. */
export async function areThere(
  client: ClientBase,
  tables: readonly { schema: string; name: string }[],
): Promise<boolean[]> {
  const rows = await queryRows(
    client,
    z.object({ there: z.enum(['t', 'f']) }),
    `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = w.schema AND c.relname = w.name) AS there
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY w(schema, name, place) ORDER BY place`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
  );
  return rows.map(({ there }) => there === 't');
}
