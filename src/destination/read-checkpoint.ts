import type { ClientBase } from 'pg';
import { z } from 'zod';
import { tableSpecSchema } from '../plan/table-spec';
import { pgInteger, pgJson } from '../postgres/query';
import { readStored, storedCursor } from './read-stored';

/** Which table's checkpoint: tables are named as SQL would write them, `public.sensor_data`. */
export interface CheckpointKey {
  sync: string;
  table: string;
}

const madeSchema = z.object({
  destination: tableSpecSchema.shape.destination,
  columns: z.array(z.string()),
});
/** A target's name, and its columns. */
export type MadeTable = z.infer<typeof madeSchema>;

const checkpointRow = z.object({
  epoch: pgInteger,
  spec: pgJson(tableSpecSchema).nullable(),
  /** What Tidemark made the target as, until its first plan is stored. */
  made: pgJson(madeSchema).nullable(),
  planned: storedCursor.nullable(),
  watermark: storedCursor.nullable(),
  /** Rows below this were copied before the checkpoint was forgotten, and may still be at the destination. */
  rewriteBelow: storedCursor.nullable(),
  /** Which source database the rows came from. */
  source: z.string().nullable(),
  observation: pgJson(z.object({ maximum: z.coerce.bigint(), at: z.coerce.bigint() })).nullable(),
  rows: pgInteger,
  completedAt: z.string().nullable(),
  /** When all of it was last found equal, or made so. */
  reconciledAt: z.string().nullable(),
});

/** What was made, if it is that table still: another one of its name is somebody else's. */
const STILL_THERE = `
  SELECT made FROM (SELECT to_jsonb(t) -> 'made' AS made) m
  WHERE EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = made #>> '{destination,schema}' AND c.relname = made #>> '{destination,name}'
      AND c.oid::text = made ->> 'oid')`;

/** A table's checkpoint, its cursor values still text: what they mean depends on the cursor column's type. */
export type Checkpoint = z.infer<typeof checkpointRow>;

/**
 * Reads a table's checkpoint, also where the checkpoint tables are of a version that lacks what came since; undefined when this sync has never planned it.
 */
export async function readCheckpoint(
  client: ClientBase,
  { sync, table }: CheckpointKey,
): Promise<Checkpoint | undefined> {
  return (await readCheckpoints(client, sync, [table])).get(table);
}

/** The same of many tables, or all of the sync's, in one query; those that were never planned are not in it. */
export async function readCheckpoints(
  client: ClientBase,
  sync: string,
  tables?: readonly string[],
): Promise<Map<string, Checkpoint>> {
  const rows = await readStored(
    client,
    checkpointRow.extend({ table: z.string() }),
    `SELECT "table", epoch, spec, planned, watermark, rewrite_below AS "rewriteBelow", source, observation, rows,
       completed_at AS "completedAt", (${STILL_THERE})::text AS made, to_jsonb(t) ->> 'reconciled_at' AS "reconciledAt"
     FROM tidemark.tables t WHERE sync = $1 AND ($2::text[] IS NULL OR "table" = ANY ($2::text[]))`,
    [sync, tables ?? null],
  );
  return new Map(rows.map(({ table, ...checkpoint }) => [table, checkpoint]));
}
