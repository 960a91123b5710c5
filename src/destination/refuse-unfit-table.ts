import type { ClientBase } from 'pg';
import { z } from 'zod';
import { formatIdentifier, quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { queryRows } from '../postgres/query';
import type { DestinationTable } from './describe-destination';
import { describePartitions } from './describe-partitions';
import { Drift } from './drift';
import type { WantedTable } from './evolve-table';
import { PARTS } from './parts';

/**
 * Throws {@link Drift} for what cannot keep rows and their checkpoint together, or hides rows from who writes them.
 *
 * - PostgreSQL empties an unlogged table when its server comes back from a crash (CREATE TABLE, UNLOGGED), and the
 *   checkpoint, which is logged, would go on saying that its rows were copied.
 * - Under row-level security a row's earlier version may not be seen: it would be neither replaced nor deleted.
 * - A rule may turn a DELETE into nothing, and rows that are written again then stand there twice (CREATE RULE).
 * - A foreign table's rows are committed by another server; views and materialized views have none of their own.
 * - A key is unique in the table alone, not in those that inherit from it: a row whose earlier version lies in one of
 *   them would come to stand beside it; and what is deleted in it is deleted in them. A hypertable's chunks are its own.
 * - Modes append and replace delete rows to write them again. Those that go with them (ON DELETE CASCADE, SET NULL, SET
 *   DEFAULT) do not come again.
 */
export async function refuseUnfitTable(
  client: ClientBase,
  { name, mode }: WantedTable,
  { oid, kind, rowSecurity, rule, inherited }: DestinationTable,
): Promise<void> {
  const where = quoteTable(name);
  if (kind !== 'table')
    throw new Drift(
      where,
      `it is a ${kind} at the destination, which cannot keep rows together with their checkpoint`,
      'Name a table as target: in the configuration; it is made if it is not there.',
    );
  const unfitPart = await findUnfitPart(client, oid);
  if (unfitPart?.what === 'foreign')
    throw new Drift(
      where,
      `its part ${quoteTable(unfitPart)} is a foreign table at the destination, whose rows another server commits`,
      'Detach it (ALTER TABLE … DETACH PARTITION, or NO INHERIT), or name another target.',
    );
  if (unfitPart !== undefined)
    throw new Drift(
      where,
      `${quoteTable(unfitPart)} is UNLOGGED at the destination: a crash of that server would empty it, and its checkpoint would go on saying that it was copied`,
      `ALTER TABLE ${quoteTable(unfitPart)} SET LOGGED.`,
    );
  if (rowSecurity)
    throw new Drift(
      where,
      'row-level security at the destination hides rows from this role, so that a row might be written beside its earlier version',
      `Let the role bypass it (ALTER ROLE … BYPASSRLS), or make it the table's owner.`,
    );
  if (rule !== null)
    throw new Drift(
      where,
      `its rule ${formatIdentifier(rule)} at the destination turns what is written into something else, so that a row might come to stand there twice`,
      `DROP RULE ${quoteIdentifier(rule)} ON ${where}, or name another target.`,
    );
  if (inherited && (await describePartitions(client, name)).kind !== 'hypertable')
    throw new Drift(
      where,
      'other tables inherit from it at the destination: their rows count as its own, and no index of it finds them',
      'Take them out (ALTER TABLE … NO INHERIT), or name another target.',
    );
  const follower = mode === 'upsert' ? undefined : await findFollower(client, oid);
  if (follower !== undefined)
    throw new Drift(
      where,
      `rows of ${quoteTable(follower)} follow those that are deleted here (foreign key ${formatIdentifier(follower.constraint)}), and mode ${mode} deletes rows to write them again`,
      `Choose mode upsert, or ALTER TABLE ${quoteTable(follower)} DROP CONSTRAINT ${quoteIdentifier(follower.constraint)}.`,
    );
}

const followerRow = z.object({ schema: z.string(), name: z.string(), constraint: z.string() });

/** A table whose rows are deleted, or blanked, with those that they refer to. */
async function findFollower(
  client: ClientBase,
  oid: string,
): Promise<z.infer<typeof followerRow> | undefined> {
  const [found] = await queryRows(
    client,
    followerRow,
    `WITH RECURSIVE ${PARTS}
     SELECT n.nspname AS schema, c.relname AS name, k.conname AS constraint
     FROM parts JOIN pg_constraint k ON k.confrelid = parts.oid AND k.contype = 'f' AND k.confdeltype IN ('c', 'n', 'd')
       JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     ORDER BY 1, 2, 3 LIMIT 1`,
    [oid],
  );
  return found;
}

const partRow = z.object({ schema: z.string(), name: z.string(), what: z.enum(['unlogged', 'foreign']) });

/** A partition, chunk or child, or the table itself, that a crash of the server empties, or that another server keeps. */
async function findUnfitPart(client: ClientBase, oid: string): Promise<z.infer<typeof partRow> | undefined> {
  const [found] = await queryRows(
    client,
    partRow,
    `WITH RECURSIVE ${PARTS}
     SELECT n.nspname AS schema, c.relname AS name, CASE c.relkind WHEN 'f' THEN 'foreign' ELSE 'unlogged' END AS what
     FROM parts JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relpersistence = 'u' OR c.relkind = 'f' LIMIT 1`,
    [oid],
  );
  return found;
}
