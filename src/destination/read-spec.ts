import type { ClientBase } from 'pg';
import { z } from 'zod';
import { type TableSpec, tableSpecSchema } from '../plan/table-spec';
import { pgInteger, pgJson } from '../postgres/query';
import { Superseded } from './lock-interval';
import type { CheckpointKey } from './read-checkpoint';
import { readStored } from './read-stored';

/** How the table is copied in this epoch, as planned. Throws {@link Superseded} when a newer run has planned it anew. */
export async function readSpec(
  client: ClientBase,
  key: CheckpointKey & { epoch: number },
): Promise<TableSpec> {
  const [row] = await readStored(
    client,
    z.object({ epoch: pgInteger, run: z.string().nullable(), spec: pgJson(tableSpecSchema).nullable() }),
    `SELECT epoch, run, spec FROM tidemark.tables WHERE sync = $1 AND "table" = $2`,
    [key.sync, key.table],
  );
  if (row?.spec == null || row.epoch !== key.epoch) throw new Superseded(row?.run ?? null);
  return row.spec;
}
