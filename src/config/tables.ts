import { own } from '../plan/own';
import { formatIdentifier, formatName, plainName } from '../postgres/identifiers';
import type { PartialTableName, Start, TableConfig } from './config';
import type { Path, Problems } from './problems';
import { type FileConfig, type TableKeys, tableDefaults } from './schema';
import { parseStart } from './start';
import { size } from './values';

const builtInBytes = size.parse(tableDefaults.batch.bytes);
const builtInStart: Start = { ...(parseStart(tableDefaults.start) as { at: string }), byDefault: true };

/** Tables with defaults merged in, after checks that look at more than one key or table. */
export function resolveTables(file: FileConfig, problems: Problems): TableConfig[] {
  const tables = file.tables.map((keys) => mergeTable(keys, file.defaults));
  const names = new Map<string, number>();
  const targets = new Map<string, number>();
  tables.forEach((table, i) => {
    const path = ['tables', i];
    checkTable(table, file.tables[i] ?? {}, path, problems);
    const name = table.name ? identity(table.name) : table.written;
    const twin = names.get(name);
    if (twin !== undefined) {
      problems.add([...path, 'name'], `tables[${twin}] is the same table`, 'Remove one of the two');
      return;
    }
    names.set(name, i);
    const target = table.target ?? table.name;
    if (!target) return;
    const rival = targets.get(identity(target));
    if (rival !== undefined) {
      const message = `tables[${rival}] is written to the same table, ${formatName(target)}`;
      problems.add([...path, 'target'], message, 'Give one of the two another target');
    }
    targets.set(identity(target), i);
  });
  return tables;
}

/** Within one database a table needs a target that is not itself. */
export function refuseCopiesOntoThemselves(tables: TableConfig[], problems: Problems): void {
  tables.forEach(({ name, target }, i) => {
    if (target && !(name && identity(name) === identity(target))) return;
    const message = 'source and destination are one database, so the table would be copied onto itself';
    problems.add(['tables', i], message, 'Give it a target of another name, or correct the destination');
  });
}

/** Schemas of PostgreSQL's own, by their names (CREATE SCHEMA), and that of the checkpoints. */
const TAKEN_SCHEMA = /^(pg_.*|information_schema|tidemark)$/;

function checkTable(table: TableConfig, keys: Partial<TableKeys>, path: Path, problems: Problems): void {
  const { schema } = table.target ?? table.name ?? {};
  if (schema !== undefined && TAKEN_SCHEMA.test(schema)) {
    const message = `the schema ${formatIdentifier(schema)} at the destination is not one for copies`;
    problems.add([...path, 'target'], message, 'Give it a target in another schema');
  }
  const reads = 'ticks' in table.lookback || table.lookback.ms > 0;
  if (table.mode === 'append' && reads) {
    const remedy = 'Write lookback: 0 for this table, or use mode upsert or replace';
    problems.add([...path, 'lookback'], 'append with a lookback would repeat rows', remedy);
  }
  if (!table.name && table.target) {
    const remedy = 'Leave target out, or name the tables one by one';
    problems.add(
      [...path, 'target'],
      'a pattern may match several tables, and they cannot have one target',
      remedy,
    );
  }
  if (table.partitions === 'none' && keys.chunkInterval !== undefined) {
    const remedy = 'Leave chunkInterval out, or write partitions: hypertable or native';
    problems.add([...path, 'chunkInterval'], 'a table without partitions has no chunks', remedy);
  }
  const twice = Object.keys(keys.columns ?? {}).find(
    (column) => keys.columns?.[column]?.as && own(keys.types ?? {}, column),
  );
  if (twice !== undefined) {
    const message = `'${twice}' has a type in types and another one here`;
    problems.add([...path, 'columns', twice], message, 'Take it out of one of the two');
  }
  const needed = [table.cursor, ...(table.key ?? [])].find(
    (column) => column !== undefined && table.exclude.includes(column),
  );
  if (needed !== undefined) {
    const message = `the cursor or key column '${needed}' is left out`;
    problems.add(
      [...path, 'exclude'],
      message,
      'Take it from this list: every row is ordered and told apart by it',
    );
  }
}

function mergeTable(
  keys: TableKeys | { name: TableKeys['name'] },
  defaults: FileConfig['defaults'],
): TableConfig {
  const own: Partial<TableKeys> = keys;
  const { written, pattern } = keys.name;
  const plain = plainName(pattern);
  const cursor = own.cursor ?? defaults.cursor;
  const key = own.key ?? defaults.key;
  const mode = own.mode ?? defaults.mode;
  const deletes = own.deletes ?? defaults.deletes;
  const partitions = own.partitions ?? defaults.partitions;
  const chunkInterval = own.chunkInterval ?? defaults.chunkInterval;
  const columns = { ...defaults.columns, ...own.columns };
  const timeZone = own.timeZone ?? defaults.timeZone;
  return {
    pattern,
    written,
    ...(plain && { name: partial(plain) }),
    ...(cursor !== undefined && { cursor }),
    ...(key && { key }),
    ...(mode && { mode }),
    exclude: own.exclude ?? defaults.exclude ?? [],
    ...(own.target && { target: partial(own.target) }),
    lookback: own.lookback ?? defaults.lookback ?? { ms: 0 },
    start: own.start ?? defaults.start ?? builtInStart,
    batch: {
      rows: own.batch?.rows ?? defaults.batch?.rows ?? tableDefaults.batch.rows,
      bytes: own.batch?.bytes ?? defaults.batch?.bytes ?? builtInBytes,
    },
    types: {
      ...defaults.types,
      ...typesOf(defaults.columns ?? {}),
      ...own.types,
      ...typesOf(own.columns ?? {}),
    },
    columns,
    compression: own.compression ?? defaults.compression ?? tableDefaults.compression,
    policies: own.policies ?? defaults.policies ?? tableDefaults.policies,
    ...(partitions !== undefined && { partitions }),
    ...(chunkInterval !== undefined && { chunkInterval }),
    ...(timeZone !== undefined && { timeZone }),
    order: own.order ?? defaults.order ?? tableDefaults.order,
    reconcile: own.reconcile ?? defaults.reconcile ?? tableDefaults.reconcile,
    ...(deletes && { deletes }),
    retention: own.retention ?? defaults.retention ?? tableDefaults.retention,
    deleteLimit: own.deleteLimit ?? defaults.deleteLimit ?? tableDefaults.deleteLimit,
  };
}

function typesOf(columns: TableConfig['columns']): Record<string, string> {
  return Object.fromEntries(Object.entries(columns).flatMap(([name, { as }]) => (as ? [[name, as]] : [])));
}

function partial({ schema, name }: { schema: string | undefined; name: string }): PartialTableName {
  return schema === undefined ? { name } : { schema, name };
}

function identity(table: PartialTableName): string {
  return formatName({ schema: table.schema ?? 'public', name: table.name });
}
