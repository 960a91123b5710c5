import type { ClientBase } from 'pg';
import type { CursorKind } from '../plan/cursor-value';
import { type Interval, type IntervalProgress, subtract } from '../plan/intervals';
import { lockIntervals, readIntervals, replaceIntervals } from './intervals';
import type { CheckpointKey } from './read-checkpoint';

/**
 * Forgets a table's checkpoint, so that the next sync copies it from its start. The epoch moves on, so that a run
 * under way is refused. In append mode the rows are rewritten interval by interval: copying them again beside the old
 * ones would apply them twice.
 */
export async function forgetTable(client: ClientBase, key: CheckpointKey): Promise<void> {
  await client.query('BEGIN');
  await client.query(
    `UPDATE tidemark.tables SET epoch = epoch + 1, run = 'resync', planned = NULL, watermark = NULL,
       rewrite_below = coalesce(rewrite_below, planned), observation = NULL WHERE sync = $1 AND "table" = $2`,
    [key.sync, key.table],
  );
  await lockIntervals(client, key);
  await client.query(`DELETE FROM tidemark.intervals WHERE sync = $1 AND "table" = $2`, [
    key.sync,
    key.table,
  ]);
  await client.query('COMMIT');
}

/** Marks ranges of a table, apart from each other, as not copied; the next sync copies them along with what is new. */
export async function forgetRanges(
  client: ClientBase,
  key: CheckpointKey,
  kind: CursorKind,
  ranges: Interval[],
  rewrite: boolean,
): Promise<void> {
  await client.query('BEGIN');
  await client.query(
    `UPDATE tidemark.tables SET epoch = epoch + 1, run = 'resync' WHERE sync = $1 AND "table" = $2`,
    [key.sync, key.table],
  );
  await lockIntervals(client, key);
  const kept = ranges.reduce<IntervalProgress[]>(subtract, await readIntervals(client, key, kind));
  const forgotten = ranges.map((range) => ({ ...range, position: range.lower, rewrite }));
  await replaceIntervals(client, key, kind, [...kept, ...forgotten]);
  await client.query('COMMIT');
}
