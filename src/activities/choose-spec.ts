import type { TableConfig } from '../config/config';
import { type CursorKind, cursorKinds } from '../plan/cursor-value';
import type { Deletes, TableIdentity, TableSpec, WriteMode } from '../plan/table-spec';
import { formatIdentifier } from '../postgres/identifiers';
import type { SourceColumn, SourceTable } from '../source/describe-tables';
import { qualified } from './configured-tables';
import { Problem } from './problem';

/** What a table's configuration comes to, held against what the source has. */
export interface TableChoice {
  columns: SourceColumn[];
  cursor: TableSpec['cursor'] & { notNull: boolean };
  key: string[];
  keyUnique: boolean;
  mode: WriteMode;
  deletes: Deletes;
  destination: TableIdentity;
}

const kindsByType: Record<string, CursorKind> = {
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  date: 'date',
  smallint: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
};

/** Settles columns, cursor column, key and write mode. Throws {@link Problem} where the source has not what is asked for. */
export function chooseSpec(table: SourceTable, config: TableConfig): TableChoice {
  const names = new Set(table.columns.map(({ name }) => name));
  const missing = [
    ...(config.cursor ? [config.cursor] : []),
    ...(config.key ?? []),
    ...config.exclude,
    ...Object.keys(config.types),
    ...Object.keys(config.columns),
  ];
  for (const column of missing) if (!names.has(column)) throw unknownColumn(column, table);
  const columns = table.columns.filter(({ name }) => !config.exclude.includes(name));
  const cursor = chooseCursor(table, config);
  const key = config.key ?? table.primaryKey;
  const mode = config.mode ?? (key.length > 0 ? 'upsert' : 'replace');
  if (mode === 'upsert' && key.length === 0) {
    throw new Problem(
      'Configuration',
      `the ${table.kind} has no primary key, and mode upsert needs a key`,
      'Give its key (key: [column, …]), or use mode replace or append.',
    );
  }
  const leftOut = [cursor.column, ...key].find((column) => config.exclude.includes(column));
  if (leftOut !== undefined) {
    throw new Problem(
      'Configuration',
      `the ${leftOut === cursor.column ? 'cursor' : 'key'} column ${formatIdentifier(leftOut)} is excluded`,
      'Take it out of exclude.',
    );
  }
  const keyUnique = table.uniqueKeys.some((unique) => unique.every((column) => key.includes(column)));
  const destination = qualified(config.target ?? table);
  const deletes = chooseDeletes(mode, config, names);
  return { columns, cursor, key: mode === 'upsert' ? key : [], keyUnique, mode, deletes, destination };
}

/** Without a key no row can be found again, so that intervals are rewritten: what is gone there is gone. */
function chooseDeletes(mode: WriteMode, { deletes }: TableConfig, names: ReadonlySet<string>): Deletes {
  if (mode !== 'upsert') {
    if (deletes === undefined || deletes === 'mirror') return 'mirror';
    throw new Problem(
      'Configuration',
      `deletes: ${typeof deletes === 'string' ? deletes : 'soft'} needs a key, and mode ${mode} has none`,
      'Use mode upsert with a key, or deletes: mirror.',
    );
  }
  if (typeof deletes === 'object' && names.has(deletes.soft)) {
    throw new Problem(
      'Configuration',
      `deletes: the column ${formatIdentifier(deletes.soft)} is one of the source's own`,
      'Name a column that only the destination has.',
    );
  }
  return deletes ?? 'keep';
}

function chooseCursor(table: SourceTable, config: TableConfig): TableChoice['cursor'] {
  const column = config.cursor ?? table.hypertable?.timeColumn;
  if (column === undefined) {
    throw new Problem(
      'Configuration',
      'no cursor column is configured, and the table is no hypertable whose time dimension could serve',
      'Name the column by which rows come in order (cursor: created_at); `tidemark init` proposes one.',
    );
  }
  const found = table.columns.find(({ name }) => name === column);
  if (found === undefined) throw unknownColumn(column, table);
  const kind = found.typeKind === 'd' ? undefined : kindsByType[found.baseType.replace(/\(\d\)/, '')];
  if (kind === undefined) {
    throw new Problem(
      'Configuration',
      `the cursor column ${formatIdentifier(column)} is of type ${found.type}`,
      `Choose a column of one of the types ${cursorKinds.join(', ')}.`,
    );
  }
  return { column, kind, notNull: found.notNull };
}

function unknownColumn(column: string, table: SourceTable): Problem {
  return new Problem(
    'Configuration',
    `the source's table has no column ${formatIdentifier(column)}`,
    `Its columns are ${table.columns.map(({ name }) => formatIdentifier(name)).join(', ')}.`,
  );
}
