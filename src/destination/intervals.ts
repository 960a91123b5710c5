import type { ClientBase } from 'pg';
import { z } from 'zod';
import { type CursorKind, formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import type { IntervalProgress } from '../plan/intervals';
import { pgBoolean, pgInteger } from '../postgres/query';
import { batchName, lockPatiently } from './patient-lock';
import type { CheckpointKey } from './read-checkpoint';
import { readStored, storedCursor } from './read-stored';

export type StoredInterval = IntervalProgress & { id: number; rows: number };

const intervalRow = z.object({
  id: pgInteger,
  lower: storedCursor,
  upper: storedCursor,
  position: storedCursor,
  rewrite: pgBoolean,
  rows: pgInteger,
});

/** A table's intervals, finished ones included, in the order of their ids. */
export async function readIntervals(
  client: ClientBase,
  key: CheckpointKey,
  kind: CursorKind,
): Promise<StoredInterval[]> {
  const rows = await readStored(
    client,
    intervalRow,
    `SELECT id, lower, upper, position, rewrite, rows FROM tidemark.intervals
     WHERE sync = $1 AND "table" = $2 ORDER BY id`,
    [key.sync, key.table],
  );
  return rows.map((row) => inTicks(row, kind));
}

/** The same of all of a sync's tables whose cursor column's kind is given, in one query. */
export async function readAllIntervals(
  client: ClientBase,
  sync: string,
  kinds: ReadonlyMap<string, CursorKind>,
): Promise<Map<string, StoredInterval[]>> {
  const rows = await readStored(
    client,
    intervalRow.extend({ table: z.string() }),
    `SELECT "table", id, lower, upper, position, rewrite, rows FROM tidemark.intervals
     WHERE sync = $1 AND "table" = ANY ($2::text[]) ORDER BY id`,
    [sync, [...kinds.keys()]],
  );
  const found = new Map<string, StoredInterval[]>();
  for (const { table, ...row } of rows) {
    const kind = kinds.get(table);
    if (!kind) continue;
    const intervals = found.get(table) ?? [];
    intervals.push(inTicks(row, kind));
    found.set(table, intervals);
  }
  return found;
}

function inTicks(row: z.infer<typeof intervalRow>, kind: CursorKind): StoredInterval {
  return {
    ...row,
    lower: parseCursorValue(kind, row.lower),
    upper: parseCursorValue(kind, row.upper),
    position: parseCursorValue(kind, row.position),
  };
}

/** How long batches in flight get to end when a new run takes their table over. */
const PATIENCE_MS = 10_000;

/**
 * Keeps batches from changing a table's intervals until the transaction ends. Waits for those in flight, and ends the
 * sessions of those that do not end: their worker may be gone, and nobody else would.
 */
export async function lockIntervals(client: ClientBase, { sync, table }: CheckpointKey): Promise<void> {
  const ofTable = 'FROM tidemark.intervals WHERE sync = $1 AND "table" = $2';
  const values = [sync, table];
  const names = { text: `SELECT ${batchName('$1', '$2', 'id')} ${ofTable}`, values };
  await lockPatiently(client, PATIENCE_MS, names, () =>
    client.query(`SELECT ${ofTable} ORDER BY id FOR UPDATE`, values),
  );
}

/** As {@link lockIntervals}, and lets go: what locks the table itself would wait for a lost worker's batch as long as TCP does. */
export async function endBatches(client: ClientBase, key: CheckpointKey): Promise<void> {
  await client.query('BEGIN');
  await lockIntervals(client, key);
  await client.query('COMMIT');
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
