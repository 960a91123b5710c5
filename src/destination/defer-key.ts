import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableIdentity, TableSpec } from '../plan/table-spec';
import { hasSqlstate } from '../postgres/describe-error';
import { readEquality } from '../postgres/equality';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import { queryRows } from '../postgres/query';
import { describeDestination, isUnique } from './describe-destination';
import { whileIndexing } from './index-cursor';
import { newestFirst } from './newest-first';

/**
 * Takes the primary key away from a table that was just made, in the transaction that stores the plan of its first
 * load: rows arrive faster without it, and it is built once over all of them by {@link buildKey}. NOT NULL stays.
 */
export async function deferKey(client: ClientBase, table: TableIdentity): Promise<void> {
  const [constraint] = await queryRows(
    client,
    z.object({ name: z.string() }),
    `SELECT conname AS name FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p'`,
    [quoteTable(table)],
  );
  if (constraint)
    await client.query(
      `ALTER TABLE ${quoteTable(table)} DROP CONSTRAINT ${quoteIdentifier(constraint.name)}`,
    );
}

/**
 * Builds the key of a table whose first load is there, unless it has it. A row that got another cursor value while
 * the table was read may have come twice: of one key's rows that stays which a merge would have kept.
 */
export async function buildKey(client: ClientBase, spec: TableSpec): Promise<void> {
  const { destination, key } = spec;
  await whileIndexing(client, destination, async () => {
    const found = await describeDestination(client, destination);
    if (found && isUnique(found, key)) return;
    const target = quoteTable(destination);
    // No batch of a run that was overtaken comes between.
    await client.query(longStatement(`LOCK TABLE ${target} IN SHARE ROW EXCLUSIVE MODE`));
    const build = longStatement(
      `ALTER TABLE ${target} ADD PRIMARY KEY (${key.map(quoteIdentifier).join(', ')})`,
    );
    await client.query('SAVEPOINT before_key');
    try {
      await client.query(build);
    } catch (error) {
      if (!hasSqlstate(error, '23505')) throw error;
      await client.query('ROLLBACK TO SAVEPOINT before_key');
      await removeOlder(client, spec);
      await client.query(build);
    }
  });
}

async function removeOlder(client: ClientBase, spec: TableSpec): Promise<void> {
  const target = quoteTable(spec.destination);
  const keys = spec.key.map(quoteIdentifier).join(', ');
  const named = spec.key.map((_, i) => `k${i}`);
  const equality = await readEquality(client, spec.destination);
  const twice = `(SELECT ${keys} FROM ${target} GROUP BY ${keys} HAVING count(*) > 1) s(${named.join(', ')})`;
  const same = spec.key
    .map((name, i) => `s.k${i} ${equality(name)} t.${quoteIdentifier(name)}`)
    .join(' AND ');
  await client.query(
    longStatement(
      `DELETE FROM ${target} WHERE ctid IN (
         SELECT ctid FROM (
           SELECT ctid, row_number() OVER (PARTITION BY ${keys} ORDER BY ${newestFirst(spec)}) AS place
           FROM ${target} t WHERE EXISTS (SELECT FROM ${twice} WHERE ${same})) versions
         WHERE place > 1)`,
    ),
  );
}
