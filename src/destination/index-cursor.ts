import type { ClientBase } from 'pg';
import type { TableIdentity } from '../plan/table-spec';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import { describeDestination } from './describe-destination';

/**
 * Indexes the cursor column, by which later runs ask what an interval holds, unless an index does already. For after
 * the first load: it is faster then, and may take as long as it needs.
 */
export async function indexCursor(client: ClientBase, table: TableIdentity, cursor: string): Promise<void> {
  await whileIndexing(client, table, async () => {
    const found = await describeDestination(client, table);
    if (!found?.indexed.includes(cursor)) await createCursorIndex(client, table, cursor);
  });
}

export async function createCursorIndex(
  client: ClientBase,
  table: TableIdentity,
  cursor: string,
): Promise<void> {
  await client.query(longStatement(`CREATE INDEX ON ${quoteTable(table)} (${quoteIdentifier(cursor)})`));
}

/**
 * Runs `index` in a transaction that may take its time, one of them at a time for each table: an attempt whose worker
 * was lost may still have a session that goes on building.
 */
export async function whileIndexing(
  client: ClientBase,
  table: TableIdentity,
  index: () => Promise<void>,
): Promise<void> {
  await client.query('BEGIN');
  await client.query('SET LOCAL statement_timeout = 0');
  const lock = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';
  await client.query(longStatement(lock, [`tidemark index ${quoteTable(table)}`]));
  await index();
  await client.query('COMMIT');
}
