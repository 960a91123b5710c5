import type { ClientBase } from 'pg';
import { z } from 'zod';
import { queryRow } from '../postgres/query';

/**
 * Enters rows that a sync is about to read from its source into what it owes, and returns after how many milliseconds
 * they may be read: once all that was entered before is paid off, at so many rows per second. One statement in a
 * transaction of its own, so that whoever comes first is first, and nobody waits for a lock longer than that takes.
 * The clock is the destination's, whichever worker asks; one that was set back pauses nothing.
 */
export async function takeTurn(
  client: ClientBase,
  sync: string,
  rows: number,
  rowsPerSecond: number,
): Promise<number> {
  const { before } = await queryRow(
    client,
    z.object({ before: z.coerce.number() }),
    `INSERT INTO tidemark.paces AS pace (sync, owed, at) VALUES ($1, $2, clock_timestamp())
     ON CONFLICT (sync) DO UPDATE SET (owed, at) = (
       SELECT greatest(0, pace.owed - $3 * greatest(0, extract(epoch FROM clock - pace.at)::float8)) + $2, clock
       FROM (SELECT clock_timestamp() AS clock) now)
     RETURNING owed - $2 AS before`,
    [sync, rows, rowsPerSecond],
  );
  return Math.ceil((Math.max(0, before) / rowsPerSecond) * 1000);
}
