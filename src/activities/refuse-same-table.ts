import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableIdentity } from '../plan/table-spec';
import { formatName, type TableName } from '../postgres/identifiers';
import { queryRow } from '../postgres/query';
import { bothEnded } from './both-ended';
import { Problem } from './problem';

/** Throws {@link Problem} where both ends are one table, by whatever names its server is reached: it would be copied into itself. */
export async function refuseSameTable(
  reader: ClientBase,
  writer: ClientBase,
  source: TableName,
  destination: TableIdentity,
): Promise<void> {
  if (formatName(source) !== formatName(destination)) return;
  const [one, other] = await bothEnded(readServer(reader), readServer(writer));
  if (one === undefined || one !== other) return;
  throw new Problem(
    'Configuration',
    'source and destination are one database, and the table would be copied into itself',
    'Name another destination, or another table there (target:).',
  );
}

/**
 * One running server's database: when its postmaster started, to the microsecond. A copy of the cluster, which shares
 * its identifier, has another. Undefined where the server does not know (an embedded one has no postmaster).
 */
async function readServer(client: ClientBase): Promise<string | undefined> {
  const { started, database } = await queryRow(
    client,
    z.object({ started: z.string().nullable(), database: z.string() }),
    `SELECT pg_postmaster_start_time()::text AS started, current_database() AS database`,
  );
  return started === null || started.startsWith('2000-01-01') ? undefined : `${started} ${database}`;
}
