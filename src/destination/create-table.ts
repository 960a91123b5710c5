import type { ClientBase } from 'pg';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import type { WantedTable } from './evolve-table';
import { createCursorIndex } from './index-cursor';
import type { CheckpointKey } from './read-checkpoint';
import { makeHypertable } from './make-hypertable';

/**
 * Makes the destination's table, and its schema, parted as wanted; and notes down what was made in the same transaction,
 * so that the table is known as Tidemark's own, with these columns, also where no plan of it is stored any more.
 */
export async function createTable(
  client: ClientBase,
  key: CheckpointKey,
  wanted: WantedTable,
): Promise<void> {
  const { name, partitions, cursor } = wanted;
  const columns = wanted.columns.map(({ name: column, type }) => `${quoteIdentifier(column)} ${type}`);
  const primary =
    wanted.mode === 'upsert' ? [`PRIMARY KEY (${wanted.key.map(quoteIdentifier).join(', ')})`] : [];
  const parted =
    partitions.kind === 'native' ? ` PARTITION BY RANGE (${quoteIdentifier(cursor.column)})` : '';
  await client.query(`BEGIN`);
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('tidemark', 0))`);
  const schema = await client.query(`SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1`, [name.schema]);
  if (schema.rows.length === 0) await client.query(`CREATE SCHEMA ${quoteIdentifier(name.schema)}`);
  const there = await client.query(`SELECT WHERE to_regclass($1) IS NOT NULL`, [quoteTable(name)]);
  // Another sync may just have made it: then it is not for this one to part.
  if (there.rows.length === 0) {
    await client.query(`CREATE TABLE ${quoteTable(name)} (${[...columns, ...primary].join(', ')})${parted}`);
    if (partitions.kind === 'hypertable') await makeHypertable(client, name, partitions);
    // Replace deletes by the cursor column from its first batch on, so its index can't wait for the end of the load.
    if (wanted.mode === 'replace') await createCursorIndex(client, name, cursor.column);
    await client.query(
      `INSERT INTO tidemark.tables (sync, "table", made)
       VALUES ($1, $2, jsonb_build_object('destination', $3::jsonb, 'columns', $4::jsonb, 'oid', $5::regclass::oid))
       ON CONFLICT (sync, "table") DO UPDATE SET made = excluded.made`,
      [
        ...[key.sync, key.table, JSON.stringify(name)],
        ...[JSON.stringify(wanted.columns.map((column) => column.name)), quoteTable(name)],
      ],
    );
  }
  await client.query('COMMIT');
}
