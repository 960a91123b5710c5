import type { ClientBase } from 'pg';
import type { CheckpointKey } from './read-checkpoint';

/** Moves an interval's position, in the transaction that wrote the rows up to it. */
export async function advancePosition(
  client: ClientBase,
  key: CheckpointKey & { interval: number },
  to: { position: string; rows: number },
): Promise<void> {
  await client.query(
    `UPDATE tidemark.intervals SET position = $4, rows = rows + $5 WHERE sync = $1 AND "table" = $2 AND id = $3`,
    [key.sync, key.table, key.interval, to.position, to.rows],
  );
}
