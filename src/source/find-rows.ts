import type { ClientBase } from 'pg';
import { z } from 'zod';
import { isText } from '../plan/printed-type';
import type { TableSpec } from '../plan/table-spec';
import { readEquality } from '../postgres/equality';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import { pgInteger } from '../postgres/query';

/** So many are asked for at a time. */
const AT_A_TIME = 5_000;

/** Which of these rows, known by some columns' values as text, the source has: their places in the list. */
export async function findRows(
  client: ClientBase,
  { source, columns }: TableSpec,
  names: string[],
  rows: (string | null)[][],
): Promise<Set<number>> {
  const equality = await readEquality(client, source);
  const values = names.map((_, index) => `v${index}`);
  const arrays = names.map((_, index) => `$${index + 2}::text[]`);
  const equal = names.flatMap((name, i) => {
    const { sourceType = 'text', destinationType = '' } = columns.find((one) => one.name === name) ?? {};
    const column = `t.${quoteIdentifier(name)}`;
    const same = `${column} ${equality(name)} w.v${i}::${sourceType}`;
    // What is one value here may be two texts there.
    return isText(destinationType) ? [same, `format('%s', ${column}) COLLATE "C" = w.v${i}`] : [same];
  });
  const text = `SELECT w.place FROM unnest($1::int[], ${arrays.join(', ')}) w(place, ${values.join(', ')})
     WHERE EXISTS (SELECT FROM ${quoteTable(source)} t WHERE ${equal.join(' AND ')})`;
  const found = new Set<number>();
  for (let from = 0; from < rows.length; from += AT_A_TIME) {
    const some = rows.slice(from, from + AT_A_TIME);
    const given = [
      some.map((_, i) => from + i),
      ...names.map((_, column) => some.map((row) => row[column] ?? null)),
    ];
    const result = await client.query(longStatement(text, given));
    for (const { place } of z.array(z.object({ place: pgInteger })).parse(result.rows)) found.add(place);
  }
  return found;
}
