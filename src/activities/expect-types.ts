import type { ClientBase } from 'pg';
import { z } from 'zod';
import { Drift } from '../destination/drift';
import type { TableSpec } from '../plan/table-spec';
import { formatIdentifier, quoteTable } from '../postgres/identifiers';
import { isPinned, SESSION } from '../postgres/pinned-settings';
import { queryRows } from '../postgres/query';
import { Problem } from './problem';

/**
 * Throws {@link Drift} where a column's type is not what the plan was made with. To be called in the transaction that has
 * read or written the rows, and after it did: the lock that it holds keeps the types (ALTER TABLE waits for it). COPY's
 * binary form takes whatever has the right length, so that a bigint would become a double precision unseen. Throws
 * {@link Problem} where a pooler has put the transaction into a session whose settings are not ours.
 */
export async function expectTypes(
  client: ClientBase,
  end: 'source' | 'destination',
  spec: TableSpec,
): Promise<void> {
  const table = spec[end];
  const found = await queryRows(
    client,
    z.object({ name: z.string(), type: z.string(), session: z.string().nullable() }),
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, ${SESSION} AS session
     FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [quoteTable(table)],
  );
  if (found.some(({ session }) => !isPinned(client, session)))
    throw new Problem(
      'Configuration',
      `the ${end} is reached through a pooler that gives each transaction another session, without the settings that keep values as they are`,
      'Let the pooler give away whole sessions (PgBouncer: pool_mode = session), or connect to the server itself.',
    );
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const planned = spec.columns.map((column) => ({ name: column.name, type: column[`${end}Type`] }));
  const changed = planned.find(({ name, type }) => types.get(name) !== type);
  if (changed === undefined) return;
  throw new Drift(
    quoteTable(table),
    `column ${formatIdentifier(changed.name)} of the ${end} changed its type while rows were copied: from ${changed.type} to ${types.get(changed.name) ?? 'none'}`,
    'The batch was not written. Give both ends the type that is meant, and run the sync again.',
  );
}
