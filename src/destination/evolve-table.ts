import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { CursorKind } from '../plan/cursor-value';
import type { Partitions } from '../plan/layout';
import type { TableIdentity, WriteMode } from '../plan/table-spec';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { hasSqlstate } from '../postgres/describe-error';
import { queryRows } from '../postgres/query';
import { createTable } from './create-table';
import { type DestinationTable, describeDestination, isUnique } from './describe-destination';
import { checkFit } from './check-fit';
import { Drift } from './drift';
import { endBatches } from './intervals';
import type { CheckpointKey } from './read-checkpoint';
import { refuseUnfitTable } from './refuse-unfit-table';

export interface WantedTable {
  name: TableIdentity;
  /** `chosen` is a type that the configuration gave: it is taken as it is, but where rows are told apart by it. */
  columns: { name: string; type: string; chosen: boolean; sourceType: string }[];
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
  else await refuseUnfitTable(client, wanted, before);
  const added = before === undefined ? [] : await addNewColumns(client, key, wanted, before);
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
    columns: checkFit(wanted, table),
    added,
  };
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
  key: CheckpointKey,
  wanted: WantedTable,
  table: DestinationTable,
): Promise<string[]> {
  refuseLostColumns(wanted, table);
  const missing = missingColumns(wanted, table);
  if (missing.length > 0) await endBatches(client, key);
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
