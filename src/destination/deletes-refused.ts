import type { ClientBase } from 'pg';
import type { TableIdentity } from '../plan/table-spec';
import { countAll } from './count-all';

/** More rows would be deleted at the destination than is allowed unasked. */
export class DeletesRefused extends Error {
  constructor(gone: number, rows: number, limit: number) {
    const share = rows === 0 ? 100 : Math.round((gone / rows) * 1000) / 10;
    super(
      `${gone} of the ${rows} rows at the destination (${share} %) are gone at the source, more than deleteLimit (${limit} %) allows unasked. They were not deleted. If the source was restored or has lost rows, repair it; if they are meant to be gone: tidemark reconcile --allow-deletes`,
    );
  }
}

/**
 * Throws {@link DeletesRefused} where `gone` rows are more than `limit` percent of the table, of which `deleted` are
 * not in it any more. Counts the rows no further than it takes to know, unless it refuses.
 */
export async function refuseDeletesBeyond(
  client: ClientBase,
  table: TableIdentity,
  { gone, deleted }: { gone: number; deleted: number },
  limit: number,
): Promise<void> {
  const enough = limit === 0 ? undefined : Math.ceil((gone * 100) / limit) - deleted;
  if (enough !== undefined && (await countAll(client, table, Math.max(0, enough))) >= enough) return;
  throw new DeletesRefused(gone, (await countAll(client, table)) + deleted, limit);
}
