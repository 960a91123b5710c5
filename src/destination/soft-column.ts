import type { ClientBase } from 'pg';
import type { TableIdentity } from '../plan/table-spec';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { describeDestination } from './describe-destination';
import { Drift } from './drift';

const TYPE = 'timestamp with time zone';

/** Adds the column by which rows that are gone at the source are marked, as `deletes: { soft: … }` asks for it. */
export async function ensureSoftColumn(
  client: ClientBase,
  table: TableIdentity,
  column: string,
): Promise<void> {
  const there = (await describeDestination(client, table))?.columns.find(({ name }) => name === column);
  if (there === undefined) {
    await client.query(
      `ALTER TABLE ${quoteTable(table)} ADD COLUMN IF NOT EXISTS ${quoteIdentifier(column)} ${TYPE}`,
    );
    return;
  }
  if (there.type === TYPE && !there.notNull && !there.generated) return;
  throw new Drift(
    quoteTable(table),
    `the column ${quoteIdentifier(column)}, by which deletes are to be marked, is ${there.type}${there.notNull ? ' NOT NULL' : ''}`,
    `Make it ${TYPE} and let it be NULL, or name another (deletes: { soft: … }).`,
  );
}
