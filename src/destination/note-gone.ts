import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableSpec } from '../plan/table-spec';
import { pgInteger, queryRow } from '../postgres/query';
import { refuseDeletesBeyond } from './deletes-refused';
import type { CheckpointKey } from './read-checkpoint';

/**
 * Adds up, over a run, how many rows more its batches deleted than they copied back. Throws DeletesRefused beyond
 * the table's limit: a source that has lost rows must not empty the destination in silence. In the batch's transaction,
 * so that what is rolled back does not count.
 */
export async function noteGone(
  client: ClientBase,
  { sync, table }: CheckpointKey,
  { destination, deleteLimit }: TableSpec,
  batch: number,
): Promise<void> {
  if (batch <= 0 || deleteLimit >= 100) return;
  const { gone } = await queryRow(
    client,
    z.object({ gone: pgInteger }),
    `UPDATE tidemark.tables SET gone = gone + $3 WHERE sync = $1 AND "table" = $2 RETURNING gone`,
    [sync, table, batch],
  );
  await refuseDeletesBeyond(client, destination, { gone, deleted: gone }, deleteLimit);
}
