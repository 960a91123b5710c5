import { type ClientBase, escapeLiteral } from 'pg';
import { z } from 'zod';
import { type CursorKind, formatCursorValue, parseCursorValue, rangeOfKind } from '../plan/cursor-value';
import { type Interval, without } from '../plan/intervals';
import type { TableIdentity } from '../plan/table-spec';
import { quoteTable } from '../postgres/identifiers';
import { queryRows } from '../postgres/query';
import { partitionName } from './partition-name';

/** The stretches that a table's range partitions cover. One for all other rows (DEFAULT) covers everything. */
export async function readPartitions(
  client: ClientBase,
  table: TableIdentity,
  kind: CursorKind,
): Promise<Interval[]> {
  const rows = await queryRows(
    client,
    z.object({ bound: z.string() }),
    `SELECT pg_get_expr(part.relpartbound, part.oid) AS bound
     FROM pg_inherits i JOIN pg_class part ON part.oid = i.inhrelid
     JOIN pg_class c ON c.oid = i.inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND part.relpartbound IS NOT NULL`,
    [table.schema, table.name],
  );
  return rows.map(({ bound }) => parseBound(kind, bound));
}

const BOUND = /^FOR VALUES FROM \('?(.*?)'?\) TO \('?(.*?)'?\)$/;

function parseBound(kind: CursorKind, bound: string): Interval {
  const [lowest, highest] = rangeOfKind(kind);
  const [, from = 'MINVALUE', to = 'MAXVALUE'] = BOUND.exec(bound) ?? [];
  return {
    lower: /^(MINVALUE|-infinity)$/.test(from) ? lowest : parseCursorValue(kind, from),
    upper: /^(MAXVALUE|infinity)$/.test(to) ? highest + 1n : parseCursorValue(kind, to),
  };
}

/**
 * Makes partitions for what of these stretches has none. Each is made as a table of its own and then attached, which
 * lets others go on writing to the parent (PostgreSQL: ALTER TABLE, ATTACH PARTITION); the lock is for others that make
 * partitions just now.
 */
export async function createPartitions(
  client: ClientBase,
  table: TableIdentity,
  kind: CursorKind,
  stretches: Interval[],
): Promise<void> {
  await client.query('BEGIN');
  const lock = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`;
  await client.query(lock, [`tidemark partitions ${quoteTable(table)}`]);
  const existing = await readPartitions(client, table, kind);
  for (const { lower, upper } of without(stretches, existing)) {
    const [lowest, highest] = rangeOfKind(kind);
    const from = lower <= lowest ? 'MINVALUE' : escapeLiteral(formatCursorValue(kind, lower));
    const to = upper > highest ? 'MAXVALUE' : escapeLiteral(formatCursorValue(kind, upper));
    const part = quoteTable({ schema: table.schema, name: partitionName(table.name, kind, lower) });
    const like = 'INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING STORAGE';
    await client.query(`CREATE TABLE ${part} (LIKE ${quoteTable(table)} ${like})`);
    await client.query(
      `ALTER TABLE ${quoteTable(table)} ATTACH PARTITION ${part} FOR VALUES FROM (${from}) TO (${to})`,
    );
  }
  await client.query('COMMIT');
}
