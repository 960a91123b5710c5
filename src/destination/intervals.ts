import type { ClientBase } from 'pg';
import { z } from 'zod';
import { type CursorKind, formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import type { IntervalProgress } from '../plan/intervals';
import { pgBoolean, pgInteger, queryRows } from '../postgres/query';
import type { CheckpointKey } from './read-checkpoint';

export type StoredInterval = IntervalProgress & { id: number; rows: number };

const intervalRow = z.object({
  id: pgInteger,
  lower: z.string(),
  upper: z.string(),
  position: z.string(),
  rewrite: pgBoolean,
  rows: pgInteger,
});

/**
 * A table's intervals, finished ones included, in the order of their ids. With `lock` it waits for the batches in
 * flight to end and shows what they left, and none can begin until the transaction ends.
 */
export async function readIntervals(
  client: ClientBase,
  key: CheckpointKey,
  kind: CursorKind,
  { lock = false } = {},
): Promise<StoredInterval[]> {
  const rows = await queryRows(
    client,
    intervalRow,
    `SELECT id, lower, upper, position, rewrite, rows FROM tidemark.intervals
     WHERE sync = $1 AND "table" = $2 ORDER BY id ${lock ? 'FOR UPDATE' : ''}`,
    [key.sync, key.table],
  );
  return rows.map((row) => ({
    ...row,
    lower: parseCursorValue(kind, row.lower),
    upper: parseCursorValue(kind, row.upper),
    position: parseCursorValue(kind, row.position),
  }));
}

/** Puts these intervals in the place of a table's old ones, numbered from 1, under the table's epoch. */
export async function replaceIntervals(
  client: ClientBase,
  key: CheckpointKey,
  kind: CursorKind,
  intervals: IntervalProgress[],
): Promise<(IntervalProgress & { id: number })[]> {
  const numbered = intervals.map((interval, index) => ({ ...interval, id: index + 1 }));
  await client.query(
    `WITH gone AS (DELETE FROM tidemark.intervals WHERE sync = $1 AND "table" = $2 RETURNING rows)
     UPDATE tidemark.tables SET rows = rows + (SELECT coalesce(sum(rows), 0) FROM gone)
     WHERE sync = $1 AND "table" = $2`,
    [key.sync, key.table],
  );
  if (numbered.length === 0) return [];
  await client.query(
    `INSERT INTO tidemark.intervals (sync, "table", epoch, id, lower, upper, position, rewrite)
     SELECT sync, "table", epoch, added.*
     FROM tidemark.tables, unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::boolean[]) AS added
     WHERE sync = $1 AND "table" = $2`,
    [
      key.sync,
      key.table,
      numbered.map(({ id }) => id),
      numbered.map(({ lower }) => formatCursorValue(kind, lower)),
      numbered.map(({ upper }) => formatCursorValue(kind, upper)),
      numbered.map(({ position }) => formatCursorValue(kind, position)),
      numbered.map(({ rewrite }) => rewrite),
    ],
  );
  return numbered;
}
