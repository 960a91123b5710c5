import type { CursorKind } from '../plan/cursor-value';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { type DestinationColumn, type DestinationTable, isUnique } from './describe-destination';
import { Drift } from './drift';
import type { WantedTable } from './evolve-table';
import { fits } from './fits';

/** Checks that every column and the key fit what is there; columns that are missing are passed over. Throws {@link Drift}. */
export function checkFit(wanted: WantedTable, table: DestinationTable): Map<string, string> {
  const where = quoteTable(wanted.name);
  const there = new Map(table.columns.map((column) => [column.name, column]));
  const writable = new Map<string, string>();
  for (const { name, type, chosen, sourceType } of wanted.columns) {
    const column = there.get(name);
    if (column === undefined || column.generated) continue;
    if (!chosen && !fits(type, column.type)) {
      throw new Drift(
        where,
        `column ${quoteIdentifier(name)} is ${column.type} at the destination, and ${type} is needed`,
        `Change it there, exclude the column, or choose its type with types: in the configuration.`,
      );
    }
    if (chosen && tellsRowsApart(wanted, name) && !fits(sourceType, column.type)) {
      throw new Drift(
        where,
        `rows are told apart by column ${quoteIdentifier(name)}, and ${column.type} does not keep every value of ${sourceType} as it is`,
        `Leave the column out of types: in the configuration, or choose a type that does, such as text for a key, and have it so there.`,
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

/** Rounded or folded there, two rows of the source would be one, or a row would lie in another interval than at the source. */
function tellsRowsApart({ key, cursor }: WantedTable, column: string): boolean {
  return column === cursor.column || key.includes(column);
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
