import type { ClientBase } from 'pg';
import { z } from 'zod';
import { pgInteger, queryRows } from '../postgres/query';
import { Superseded } from './lock-interval';
import type { CheckpointKey } from './read-checkpoint';

/**
 * Sets the watermark to what was planned, once every interval has been copied, and forgets the intervals. Does
 * nothing to a table that is already complete, so that it may be repeated.
 *
 * @returns the watermark as PostgreSQL's text, null when nothing could be copied yet
 */
export async function completeCheckpoint(
  client: ClientBase,
  key: CheckpointKey & { epoch: number },
): Promise<string | null> {
  await client.query('BEGIN');
  const [row] = await queryRows(
    client,
    z.object({ epoch: pgInteger, run: z.string().nullable(), planned: z.string().nullable() }),
    `SELECT epoch, run, planned FROM tidemark.tables WHERE sync = $1 AND "table" = $2 FOR UPDATE`,
    [key.sync, key.table],
  );
  if (row?.epoch !== key.epoch) throw new Superseded(row?.run ?? null);
  const unfinished = await client.query(
    `SELECT FROM tidemark.intervals WHERE sync = $1 AND "table" = $2 AND position <> upper LIMIT 1`,
    [key.sync, key.table],
  );
  if (unfinished.rows.length > 0) throw new Error('an interval is not copied to its end');
  await client.query(
    `UPDATE tidemark.tables SET watermark = planned, completed_at = now(),
       rows = rows + (SELECT coalesce(sum(rows), 0) FROM tidemark.intervals WHERE sync = $1 AND "table" = $2)
     WHERE sync = $1 AND "table" = $2`,
    [key.sync, key.table],
  );
  await client.query(`DELETE FROM tidemark.intervals WHERE sync = $1 AND "table" = $2`, [
    key.sync,
    key.table,
  ]);
  await client.query('COMMIT');
  return row.planned;
}
