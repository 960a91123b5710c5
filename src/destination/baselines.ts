import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { Interval } from '../plan/intervals';
import { type CursorKind, formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import { pgBoolean, queryRow, queryRows } from '../postgres/query';
import type { CheckpointKey } from './read-checkpoint';

/** A chunk of the source as reconcile last saw it, by its name; '' is the whole of a table that has none. */
export interface Baseline extends Interval {
  chunk: string;
  /** Its counters when it was last found equal, or was made so; null where it never was. */
  settled: string | null;
  /** It was made anew after the one before it was dropped, whose rows may still be at the destination. */
  archive: boolean;
}

const baselineRow = z.object({
  chunk: z.string(),
  lower: z.string(),
  upper: z.string(),
  settled: z.string().nullable(),
  archive: pgBoolean,
});

export async function readBaselines(
  client: ClientBase,
  { sync, table }: CheckpointKey,
  kind: CursorKind,
): Promise<Baseline[]> {
  const rows = await queryRows(
    client,
    baselineRow,
    `SELECT chunk, lower, upper, settled, archive FROM tidemark.chunks WHERE sync = $1 AND "table" = $2`,
    [sync, table],
  );
  return rows.map((row) => inTicks(row, kind));
}

/**
 * The same of all of a sync's tables whose cursor column's kind is given, in one query. None where the checkpoint tables
 * are of a version that did not compare.
 */
export async function readAllBaselines(
  client: ClientBase,
  sync: string,
  kinds: ReadonlyMap<string, CursorKind>,
): Promise<Map<string, Baseline[]>> {
  const found = new Map<string, Baseline[]>();
  const { there } = await queryRow(
    client,
    z.object({ there: pgBoolean }),
    `SELECT to_regclass('tidemark.chunks') IS NOT NULL AS there`,
  );
  if (!there) return found;
  const rows = await queryRows(
    client,
    baselineRow.extend({ table: z.string() }),
    `SELECT "table", chunk, lower, upper, settled, archive FROM tidemark.chunks
     WHERE sync = $1 AND "table" = ANY ($2::text[])`,
    [sync, [...kinds.keys()]],
  );
  for (const { table, ...row } of rows) {
    const kind = kinds.get(table);
    if (!kind) continue;
    const baselines = found.get(table) ?? [];
    baselines.push(inTicks(row, kind));
    found.set(table, baselines);
  }
  return found;
}

function inTicks(row: z.infer<typeof baselineRow>, kind: CursorKind): Baseline {
  return {
    ...row,
    lower: parseCursorValue(kind, row.lower),
    upper: parseCursorValue(kind, row.upper),
  };
}

export type SeenChunk = Interval & { chunk: string; archive: boolean; counters: string };

/**
 * Notes the chunks that a comparison begins with, and their counters of before it. They become the baseline once the
 * comparison has ended, unless another has noted others by then. Chunks that were dropped stay known: one that is made
 * anew in their range is told by them. Those that were merged into others are forgotten.
 */
export async function noteSeen(
  client: ClientBase,
  { sync, table }: CheckpointKey,
  kind: CursorKind,
  by: string,
  chunks: SeenChunk[],
  forgotten: string[],
): Promise<void> {
  await client.query(
    `DELETE FROM tidemark.chunks WHERE sync = $1 AND "table" = $2 AND chunk = ANY ($3::text[])`,
    [sync, table, forgotten],
  );
  await client.query(
    `INSERT INTO tidemark.chunks (sync, "table", chunk, lower, upper, archive, seen, seen_by)
     SELECT $1, $2, added.*, $8 FROM unnest($3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[]) AS added
     ON CONFLICT (sync, "table", chunk) DO UPDATE SET lower = excluded.lower, upper = excluded.upper,
       archive = excluded.archive, seen = excluded.seen, seen_by = excluded.seen_by`,
    [
      sync,
      table,
      chunks.map(({ chunk }) => chunk),
      chunks.map(({ lower }) => formatCursorValue(kind, lower)),
      chunks.map(({ upper }) => formatCursorValue(kind, upper)),
      chunks.map(({ archive }) => archive),
      chunks.map(({ counters }) => counters),
      by,
    ],
  );
}

/** Takes what a comparison saw of these chunks for their baseline: their rows are equal at both ends as of then. */
export async function settle(
  client: ClientBase,
  { sync, table }: CheckpointKey,
  by: string,
  chunks: string[],
): Promise<void> {
  await client.query(
    `UPDATE tidemark.chunks SET settled = seen, settled_at = now()
     WHERE sync = $1 AND "table" = $2 AND chunk = ANY ($3::text[]) AND seen_by = $4`,
    [sync, table, chunks, by],
  );
}

/** Forgets the baselines of a table: what was equal is so no more, as when a column has come, and no counter moved. */
export async function unsettle(client: ClientBase, { sync, table }: CheckpointKey): Promise<void> {
  await client.query(
    'UPDATE tidemark.chunks SET settled = NULL, seen_by = NULL WHERE sync = $1 AND "table" = $2',
    [sync, table],
  );
}

/** Notes that all of a table was compared, or left out for want of a hint, and that nothing differs. */
export async function noteReconciled(client: ClientBase, { sync, table }: CheckpointKey): Promise<void> {
  await client.query(`UPDATE tidemark.tables SET reconciled_at = now() WHERE sync = $1 AND "table" = $2`, [
    sync,
    table,
  ]);
}
