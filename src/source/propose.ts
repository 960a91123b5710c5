import type { SourceTable } from './describe-tables';

/** What to configure for a table. */
export interface Proposal {
  /** Undefined where nothing offers itself. */
  cursor: string | undefined;
  /** Why this cursor column, or why none. */
  reason: string;
  /** Columns that could order its rows, the likeliest first. */
  candidates: string[];
  /** Empty where nothing tells rows apart. */
  key: string[];
}

/** The base types that a cursor column may have, the likeliest to tell when a row came first. */
const cursorTypes = [
  'timestamp with time zone',
  'timestamp without time zone',
  'date',
  'bigint',
  'integer',
  'smallint',
];
/** Those before it are times. */
const FIRST_INTEGER = 3;

/**
 * What to propose for a table: the time dimension, or else a time column, indexed ones first, or else a number that is
 * the primary key; and as the key the primary key, or else a unique index whose columns are never NULL.
 */
export function propose(table: SourceTable): Proposal {
  const dimension = table.hypertable?.timeColumn;
  const candidates = [...new Set([...(dimension === undefined ? [] : [dimension]), ...likeliest(table)])];
  const [cursor] = candidates;
  const notNull = (name: string) => table.columns.some((column) => column.name === name && column.notNull);
  const unique = table.uniqueKeys.find((columns) => columns.every(notNull));
  return {
    cursor,
    reason: reasonFor(table, cursor),
    candidates,
    key: table.primaryKey.length > 0 ? table.primaryKey : (unique ?? []),
  };
}

function reasonFor({ columns, hypertable, indexedColumns }: SourceTable, cursor: string | undefined): string {
  if (cursor === undefined) return 'no time column, and no primary key that is a number';
  if (cursor === hypertable?.timeColumn) return 'time dimension';
  const found = columns.find(({ name }) => name === cursor);
  if (found && rankOf(found) >= FIRST_INTEGER) return 'primary key, a number';
  return indexedColumns.includes(cursor) ? 'time column with an index' : 'time column';
}

/** The columns that may order rows. Domains are left out: a cursor column must be of a built-in type. */
function likeliest({ columns, indexedColumns, primaryKey }: SourceTable): string[] {
  const scored = columns.flatMap((column, position) => {
    const { name, notNull } = column;
    const rank = rankOf(column);
    if (rank === -1) return [];
    const isTime = rank < FIRST_INTEGER;
    if (!isTime && !(primaryKey.length === 1 && primaryKey[0] === name)) return [];
    return {
      name,
      score: [isTime ? 0 : 1, indexedColumns.includes(name) ? 0 : 1, notNull ? 0 : 1, rank, position],
    };
  });
  return scored.sort((a, b) => compare(a.score, b.score)).map(({ name }) => name);
}

function rankOf({ typeKind, baseType }: SourceTable['columns'][number]): number {
  return typeKind === 'd' ? -1 : cursorTypes.indexOf(baseType.replace(/\(\d\)/, ''));
}

function compare(a: number[], b: number[]): number {
  const index = a.findIndex((value, i) => value !== b[i]);
  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
