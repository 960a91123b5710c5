import { contentsOf, type Contents, type Database } from '../database';
import type { Table } from '../tables';

export interface Verdict {
  /** The same multiset of rows, of the same types. */
  equal: boolean;
  /** No value lost, though types may have been changed: cast back to the source's, the rows are equal as text. */
  kept: boolean;
  /** What differs, in a few words; empty when equal. */
  differs: string;
}

/** What a source table holds, and of which types: taken once, and compared with often. */
export interface Original {
  table: Table;
  types: Map<string, string>;
  contents: Contents;
}

export async function originalOf(source: Database, table: Table): Promise<Original> {
  const contents = await contentsOf(source, table.name, table.columns);
  return { table, types: await typesOf(source, table.name), contents };
}

/** Compares a copy with its source, by the names of the source's columns; what else the copy has does not count. */
export async function judge(
  source: Database,
  destination: Database,
  { table, types, contents }: Original,
  target: string,
): Promise<Verdict> {
  const lost = (differs: string): Verdict => ({ equal: false, kept: false, differs });
  const found = await typesOf(destination, target);
  if (found.size === 0) return lost('no table');
  const missing = table.columns.filter((column) => !found.has(column));
  if (missing.length > 0) return lost(`${missing.join(', ')} missing`);
  const copy = await contentsOf(destination, target, table.columns);
  if (copy.rows !== contents.rows) return lost(`${copy.rows} rows of ${contents.rows}`);
  const changed = table.columns
    .filter((column) => found.get(column) !== types.get(column))
    .map((column) => `${column} is ${found.get(column)}`)
    .join(', ');
  if (changed === '' && same(copy, contents)) return { equal: true, kept: true, differs: '' };
  const castBack = table.columns.map((column) => back(column, types, found));
  if (changed !== '' && same(await hash(destination, target, castBack), contents))
    return { equal: false, kept: true, differs: `values kept, ${changed}` };

  const words: string[] = [];
  for (const [index, column] of table.columns.entries()) {
    const [left, right] = [
      await hash(source, table.name, [`t.${column}`]),
      await hash(destination, target, [castBack[index] ?? '']),
    ];
    if (same(left, right)) continue;
    const nulls = (await nullsIn(destination, target, column)) - (await nullsIn(source, table.name, column));
    words.push(nulls > 0 ? `${column} NULL in ${nulls} rows` : `${column} differs`);
  }
  return lost(words.length === 0 ? 'values in other rows' : words.join(', '));
}

/** A column's value in the source's type. */
function back(column: string, types: Map<string, string>, found: Map<string, string>): string {
  const [to = 'text', from] = [types.get(column), found.get(column)];
  if (from === to) return `t.${column}`;
  if (from === 'jsonb' && to.endsWith('[]'))
    return `ARRAY(SELECT e::${to.slice(0, -2)} FROM jsonb_array_elements_text(t.${column}) e)`;
  return `t.${column}::text::${to}`;
}

/** Undefined when the values cannot be cast. */
async function hash(database: Database, table: string, values: string[]): Promise<Contents | undefined> {
  const row = `ROW(${values.join(', ')})::text`;
  try {
    const [rows = '', sum = ''] = await database.run(
      `SELECT count(*), coalesce(sum(hashtextextended(${row}, 0)), 0) FROM ${table} t`,
    );
    return { rows: Number(rows), hash: sum };
  } catch {
    return undefined;
  }
}

function same(left: Contents | undefined, right: Contents | undefined): boolean {
  return left !== undefined && left.rows === right?.rows && left.hash === right.hash;
}

async function nullsIn(database: Database, table: string, column: string): Promise<number> {
  const [count = ''] = await database.run(`SELECT count(*) FROM ${table} t WHERE t.${column} IS NULL`);
  return Number(count);
}

async function typesOf(database: Database, table: string): Promise<Map<string, string>> {
  const [columns = '{}'] = await database.run(
    `SELECT coalesce(json_object_agg(attname, format_type(atttypid, atttypmod)), '{}') FROM pg_attribute
     WHERE attrelid = to_regclass('${table}') AND attnum > 0 AND NOT attisdropped`,
  );
  return new Map(Object.entries(JSON.parse(columns) as Record<string, string>));
}
