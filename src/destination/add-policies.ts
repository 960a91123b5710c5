import type { ClientBase } from 'pg';
import type { Policy } from '../plan/layout';
import type { TableIdentity } from '../plan/table-spec';
import { extensionSchema } from '../postgres/extension-schema';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';

/** Adds policies to a hypertable that has none of their kind. */
export async function addPolicies(
  client: ClientBase,
  table: TableIdentity,
  policies: Policy[],
): Promise<void> {
  const schema = await extensionSchema(client, 'timescaledb');
  if (schema === undefined) return;
  for (const { kind, by, after, scheduleInterval } of policies) {
    const age = arguments_[kind][by];
    await client.query(
      `SELECT ${quoteIdentifier(schema)}.add_${kind}_policy($1::regclass, ${age} => $2::interval,
         schedule_interval => $3::interval, if_not_exists => true)`,
      [quoteTable(table), after, scheduleInterval],
    );
  }
}

const arguments_: Record<Policy['kind'], Record<Policy['by'], string>> = {
  compression: { rows: 'compress_after', creation: 'compress_created_before' },
  retention: { rows: 'drop_after', creation: 'drop_created_before' },
};
