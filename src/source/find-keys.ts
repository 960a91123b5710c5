import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableSpec } from '../plan/table-spec';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import { pgInteger } from '../postgres/query';

/** So many keys are asked for at a time. */
const AT_A_TIME = 5_000;

/** Which of these keys, values as text, the source has a row for, wherever its cursor value lies: their places in the list. */
export async function findKeys(
  client: ClientBase,
  { source, key, columns }: TableSpec,
  keys: (string | null)[][],
): Promise<Set<number>> {
  const types = key.map((name) => columns.find((column) => column.name === name)?.sourceType ?? 'text');
  const names = key.map((_, index) => `k${index}`);
  const arrays = key.map((_, index) => `$${index + 2}::text[]`);
  const equal = key.map((name, i) => `t.${quoteIdentifier(name)} = w.k${i}::${types[i] ?? 'text'}`);
  const text = `SELECT w.place FROM unnest($1::int[], ${arrays.join(', ')}) w(place, ${names.join(', ')})
     WHERE EXISTS (SELECT FROM ${quoteTable(source)} t WHERE ${equal.join(' AND ')})`;
  const found = new Set<number>();
  for (let from = 0; from < keys.length; from += AT_A_TIME) {
    const some = keys.slice(from, from + AT_A_TIME);
    const values = [
      some.map((_, i) => from + i),
      ...key.map((_, column) => some.map((one) => one[column] ?? null)),
    ];
    const { rows } = await client.query(longStatement(text, values));
    for (const { place } of z.array(z.object({ place: pgInteger })).parse(rows)) found.add(place);
  }
  return found;
}
