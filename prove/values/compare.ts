import type { ClientBase } from 'pg';

/** How many rows of a column that differs are shown. */
const SHOWN = 3;

export interface Ends {
  source: ClientBase;
  destination: ClientBase;
}

/** What differs between a table's two ends; `shown` has values, which here are made up. */
export interface Differences {
  sourceRows: number;
  destinationRows: number;
  equal: boolean;
  shown: string[];
}

/**
 * Compares a table of one name at both ends as multisets of rows, each by its text. Its columns have no quotes, and
 * `id` tells rows apart.
 */
export async function compareTable(ends: Ends, name: string, columns: string[]): Promise<Differences> {
  const [left, right] = await both(ends, (client) => sumOfHashes(client, name, [textOf(...columns)]));
  const equal = left.rows === right.rows && left.hashes[0] === right.hashes[0];
  const shown = equal ? [] : await showDifferences(ends, name, columns);
  return { sourceRows: left.rows, destinationRows: right.rows, equal, shown };
}

function both<T>({ source, destination }: Ends, look: (client: ClientBase) => Promise<T>): Promise<[T, T]> {
  return Promise.all([look(source), look(destination)]);
}

/** As the types' output has it: a cast to text would write a boolean in full. NULL is no empty text. */
const textOf = (...columns: string[]): string => `ROW(${columns.join(', ')})::text`;

/** The order does not count, every duplicate does. */
async function sumOfHashes(
  client: ClientBase,
  name: string,
  texts: string[],
): Promise<{ rows: number; hashes: string[] }> {
  const sums = texts.map((text) => `coalesce(sum(hashtextextended(${text}, 0)), 0)`);
  const { rows } = await client.query<string[]>({
    text: `SELECT count(*), ${sums.join(', ')} FROM public.${name}`,
    rowMode: 'array',
  });
  const [count, ...hashes] = (rows[0] ?? []).map(String);
  return { rows: Number(count), hashes };
}

async function showDifferences(ends: Ends, name: string, columns: string[]): Promise<string[]> {
  const texts = columns.map((column) => textOf(column));
  const [left, right] = await both(ends, (client) => sumOfHashes(client, name, texts));
  const differing = columns.filter((_, index) => left.hashes[index] !== right.hashes[index]);
  const shown: string[] = [];
  for (const column of differing) {
    const [here, there] = await both(ends, (client) => hashesById(client, name, column));
    const ids = [...new Set([...here.keys(), ...there.keys()])].filter(
      (id) => here.get(id) !== there.get(id),
    );
    for (const id of ids.slice(0, SHOWN)) {
      const [was, is] = await both(ends, (client) => valuesOf(client, name, column, id));
      shown.push(`${name}.${column}, id ${id} (one of ${ids.length}): source ${was}, destination ${is}`);
    }
  }
  return shown.length > 0 ? shown : [`${name}: rows differ, and none of their columns by itself`];
}

/** Of all rows of an id, where it is there more than once. */
async function hashesById(client: ClientBase, name: string, column: string): Promise<Map<number, string>> {
  const { rows } = await client.query<[unknown, unknown]>({
    text: `SELECT id, string_agg(hashtextextended(${textOf(column)}, 0)::text, ',' ORDER BY 1)
           FROM public.${name} GROUP BY id`,
    rowMode: 'array',
  });
  return new Map(rows.map(([id, hashes]) => [Number(id), String(hashes)]));
}

async function valuesOf(client: ClientBase, name: string, column: string, id: number): Promise<string> {
  const { rows } = await client.query<[string]>({
    text: `SELECT ${textOf(column)} FROM public.${name} WHERE id = $1`,
    values: [id],
    rowMode: 'array',
  });
  return rows.map(([value]) => JSON.stringify(value).slice(0, 400)).join(' and ') || 'none';
}
