import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { CursorKind } from '../plan/cursor-value';
import type { Partitions } from '../plan/layout';
import type { TableIdentity, WriteMode } from '../plan/table-spec';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { hasSqlstate } from '../postgres/describe-error';
import { queryRows } from '../postgres/query';
import { createTable } from './create-table';
import {
  type DestinationColumn,
  type DestinationTable,
  describeDestination,
  isUnique,
} from './describe-destination';
import { describePartitions } from './describe-partitions';
import { Drift } from './drift';
import { fits } from './fits';
import type { CheckpointKey } from './read-checkpoint';
import { refuseUnfitTable } from './refuse-unfit-table';

export interface WantedTable {
  name: TableIdentity;
  /** `chosen` is a type that the configuration gave: it is taken as it is. */
  columns: { name: string; type: string; chosen: boolean }[];
  key: string[];
  /** Key columns that may be NULL at the source. */
  nullableKey: string[];
  cursor: { column: string; kind: CursorKind };
  mode: WriteMode;
  /** Columns that the last run wrote, or that the table was made with; undefined where it was neither. Only a column new since then is added by itself. */
  knownColumns: string[] | undefined;
  createdHere: boolean;
  /** Its key is built at the end of a first load that is under way. */
  keyLater: boolean;
  /** What the table is parted into when it is made. */
  partitions: Partitions;
  /** False once rows were copied: a table that is gone then is a loss, not a beginning. */
  mayCreate: boolean;
}

export interface EvolvedTable {
  /** Tidemark made the table, now or in an earlier run of this sync. */
  createdHere: boolean;
  /** It was made just now. */
  created: boolean;
  cursorIndexed: boolean;
  /** It has the key by which upsert finds a row's earlier version. */
  keyed: boolean;
  /** Columns that can be written (the destination's own generated columns can not), with their types there. */
  columns: Map<string, string>;
  /** Columns that were new at the source, and were added just now. */
  added: string[];
}

/**
 * Makes the destination's table if it is missing, adds columns that are new at the source, and checks everything else
 * about it. Throws {@link Drift} where it is not fit to be written to; never changes or drops what is there.
 */
export async function evolveTable(
  client: ClientBase,
  key: CheckpointKey,
  wanted: WantedTable,
): Promise<EvolvedTable> {
  const before = await describeDestination(client, wanted.name);
  if (before === undefined && !wanted.mayCreate) {
    throw new Drift(
      quoteTable(wanted.name),
      'the destination has lost the table, and what was copied into it',
      'Restore it, or forget its checkpoint so that all is copied again (`tidemark resync`).',
    );
  }
  if (before === undefined) await createTable(client, key, wanted);
  else {
    refuseUnfitTable(wanted.name, before);
    await refuseInherited(client, wanted, before);
  }
  const added = before === undefined ? [] : await addNewColumns(client, wanted, before);
  if (before !== undefined) await refuseBeforeKey(client, wanted, before);
  const table =
    before === undefined || added.length > 0 ? await describeDestination(client, wanted.name) : before;
  if (table === undefined)
    throw new Drift(quoteTable(wanted.name), 'the table vanished', 'Run the sync again.');
  return {
    createdHere: before === undefined || wanted.createdHere,
    created: before === undefined,
    cursorIndexed: table.indexed.includes(wanted.cursor.column),
    keyed: isUnique(table, wanted.key),
    columns: checkTable(wanted, table),
    added,
  };
}

/**
 * Throws {@link Drift} for a key that is unique in the table alone and not in those that inherit from it: a row whose
 * earlier version lies in one of them would come to stand beside it. A hypertable's chunks have its indexes.
 */
export async function refuseInherited(
  client: ClientBase,
  { name, mode }: WantedTable,
  { inherited }: DestinationTable,
): Promise<void> {
  if (mode !== 'upsert' || !inherited) return;
  if ((await describePartitions(client, name)).kind === 'hypertable') return;
  throw new Drift(
    quoteTable(name),
    'other tables inherit from it at the destination, and no index of it finds a row of theirs',
    'Take them out (ALTER TABLE … NO INHERIT), or name another target.',
  );
}

/** Throws {@link Drift} for a key that is missing since another sync's first load builds it at its end: not by hand. */
export async function refuseBeforeKey(
  client: ClientBase,
  wanted: WantedTable,
  found: DestinationTable,
): Promise<void> {
  const table = wanted.name;
  if (wanted.mode !== 'upsert' || wanted.keyLater || isUnique(found, wanted.key)) return;
  const checkpoints = await client.query(`SELECT WHERE to_regclass('tidemark.tables') IS NOT NULL`);
  if (checkpoints.rows.length === 0) return;
  const loading = await queryRows(
    client,
    z.object({ sync: z.string() }),
    `SELECT sync FROM tidemark.tables WHERE watermark IS NULL AND spec ->> 'keyLater' = 'true'
       AND spec #>> '{destination,schema}' = $1 AND spec #>> '{destination,name}' = $2 LIMIT 1`,
    [table.schema, table.name],
  );
  const [other] = loading;
  if (other === undefined) return;
  throw new Drift(
    quoteTable(table),
    `the first load of the sync '${other.sync}' into it has not ended, and builds its key then`,
    `Run this sync once that one has ended.`,
  );
}

const INSUFFICIENT_PRIVILEGE = '42501';

async function addNewColumns(
  client: ClientBase,
  wanted: WantedTable,
  table: DestinationTable,
): Promise<string[]> {
  refuseLostColumns(wanted, table);
  const missing = missingColumns(wanted, table);
  for (const { name, type } of missing) {
    const add = `ALTER TABLE ${quoteTable(wanted.name)} ADD COLUMN IF NOT EXISTS ${quoteIdentifier(name)} ${type}`;
    try {
      await client.query(add);
    } catch (error) {
      if (!hasSqlstate(error, INSUFFICIENT_PRIVILEGE)) throw error;
      throw new Drift(
        quoteTable(wanted.name),
        `column ${quoteIdentifier(name)} is new at the source, and this role is not the table's owner, who alone may add it`,
        `As its owner: ${add};`,
      );
    }
  }
  return missing.map(({ name }) => name);
}

/** The wanted columns that the destination's table has not. */
export function missingColumns(wanted: WantedTable, table: DestinationTable): WantedTable['columns'] {
  const existing = new Set(table.columns.map(({ name }) => name));
  return wanted.columns.filter(({ name }) => !existing.has(name));
}

/** Throws {@link Drift} for a column that is missing though it was written before, or never was Tidemark's to add. */
export function refuseLostColumns(wanted: WantedTable, table: DestinationTable): void {
  const lost = missingColumns(wanted, table).find(
    ({ name }) => wanted.knownColumns === undefined || wanted.knownColumns.includes(name),
  );
  if (lost === undefined) return;
  const column = quoteIdentifier(lost.name);
  throw new Drift(
    quoteTable(wanted.name),
    `the destination has no column ${column}`,
    `Add it (ALTER TABLE ${quoteTable(wanted.name)} ADD COLUMN ${column} ${lost.type}) or exclude it in the configuration.`,
  );
}

/** Checks that every column and the key fit what is there; columns that are missing are passed over. Throws {@link Drift}. */
export function checkTable(wanted: WantedTable, table: DestinationTable): Map<string, string> {
  const where = quoteTable(wanted.name);
  const there = new Map(table.columns.map((column) => [column.name, column]));
  const writable = new Map<string, string>();
  for (const { name, type, chosen } of wanted.columns) {
    const column = there.get(name);
    if (column === undefined || column.generated) continue;
    if (!chosen && !fits(type, column.type)) {
      throw new Drift(
        where,
        `column ${quoteIdentifier(name)} is ${column.type} at the destination, and ${type} is needed`,
        `Change it there, exclude the column, or choose its type with types: in the configuration.`,
      );
    }
    writable.set(name, column.type);
  }
  checkCursor(wanted, there.get(wanted.cursor.column));
  if (wanted.mode === 'upsert' && !wanted.keyLater && !isUnique(table, wanted.key)) {
    const columns = wanted.key.map(quoteIdentifier).join(', ');
    throw new Drift(
      where,
      `the destination has no unique index on (${columns}), by which upsert finds a row's earlier version`,
      `CREATE UNIQUE INDEX ON ${where} (${columns}), or choose mode replace.`,
    );
  }
  if (wanted.mode === 'upsert') {
    refuseNullKeys(wanted, there);
    refuseFoldedKeys(wanted, there);
  }
  return writable;
}

const timestamps = ['timestamp with time zone', 'timestamp without time zone'];
const cursorTypes: Record<CursorKind, string[]> = {
  timestamptz: timestamps.slice(0, 1),
  timestamp: timestamps.slice(1),
  date: ['date'],
  smallint: ['smallint', 'integer', 'bigint', 'numeric'],
  integer: ['integer', 'bigint', 'numeric'],
  bigint: ['bigint', 'numeric'],
};

/** Versions of a row are compared by the cursor column at the destination, so that it has to order as the source's does. */
function checkCursor({ name, cursor }: WantedTable, column: DestinationColumn | undefined): void {
  if (column === undefined || cursorTypes[cursor.kind].includes(column.type.replace(/\(\d\)/, ''))) return;
  throw new Drift(
    quoteTable(name),
    `the cursor column ${quoteIdentifier(cursor.column)} is ${column.type} at the destination, which does not order as ${cursor.kind} does`,
    `Make it ${cursorTypes[cursor.kind].join(' or ')} there.`,
  );
}

/** There, two keys of the source would be one, and the later row would take the earlier one's place. */
function refuseFoldedKeys({ name, key }: WantedTable, there: Map<string, DestinationColumn>): void {
  const column = key.find((one) => there.get(one)?.folds);
  if (column === undefined) return;
  throw new Drift(
    quoteTable(name),
    `the key column ${quoteIdentifier(column)} has a collation at the destination that takes different texts for one`,
    'Give it a deterministic collation there (ALTER TABLE … ALTER COLUMN … TYPE … COLLATE), or choose mode replace.',
  );
}

/** A unique index takes any number of NULLs, so that a row with one in its key would be inserted again by every run. */
function refuseNullKeys({ name, nullableKey }: WantedTable, there: Map<string, DestinationColumn>): void {
  const column = nullableKey.find((key) => there.get(key)?.notNull === false);
  if (column === undefined) return;
  throw new Drift(
    quoteTable(name),
    `the key column ${quoteIdentifier(column)} may be NULL on both ends, and NULLs are never the same key`,
    `ALTER TABLE ${quoteTable(name)} ALTER COLUMN ${quoteIdentifier(column)} SET NOT NULL, or choose another key or mode replace.`,
  );
}
