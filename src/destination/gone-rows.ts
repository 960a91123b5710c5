import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { Interval } from '../plan/intervals';
import type { TableSpec } from '../plan/table-spec';
import { inRange, rangeValues } from '../postgres/cursor-range';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';

/** A key's values as text. */
export type KeyText = (string | null)[];

/** So many keys are looked at and removed at a time. */
const AT_A_TIME = 5_000;

/**
 * Removes, or marks by the soft column, the rows of a range whose key is not among the staged ones, which are all that
 * the source holds there. `isElsewhere` tells which of some keys the source has in another place: a row that has moved
 * there by a later cursor value stays, until it is copied. Within the transaction that staged them.
 */
export async function removeGoneRows(
  client: ClientBase,
  spec: TableSpec,
  range: Interval,
  staging: string,
  isElsewhere: (keys: KeyText[]) => Promise<Set<number>>,
): Promise<void> {
  const { deletes, key, cursor } = spec;
  if (deletes === 'keep') return;
  const target = quoteTable(spec.destination);
  const same = key.map((name) => `s.${quoteIdentifier(name)} = t.${quoteIdentifier(name)}`).join(' AND ');
  const unmarked = deletes === 'mirror' ? '' : ` AND t.${quoteIdentifier(deletes.soft)} IS NULL`;
  const { rows } = await client.query({
    ...longStatement(
      `SELECT ${key.map((name) => `t.${quoteIdentifier(name)}::text`).join(', ')} FROM ${target} t
       WHERE ${inRange(cursor.column, cursor.kind, '$1', '$2')}${unmarked}
         AND NOT EXISTS (SELECT FROM ${staging} s WHERE ${same})`,
      rangeValues(cursor.kind, range),
    ),
    rowMode: 'array',
  });
  const absent = z.array(z.array(z.string().nullable())).parse(rows);
  for (let from = 0; from < absent.length; from += AT_A_TIME) {
    const some = absent.slice(from, from + AT_A_TIME);
    const moved = await isElsewhere(some);
    await remove(
      client,
      spec,
      some.filter((_, index) => !moved.has(index)),
    );
  }
}

async function remove(
  client: ClientBase,
  { deletes, key, columns, destination }: TableSpec,
  gone: KeyText[],
): Promise<void> {
  if (gone.length === 0 || deletes === 'keep') return;
  const names = key.map((_, index) => `k${index}`);
  const arrays = key.map((_, index) => `$${index + 1}::text[]`);
  const typeOf = (name: string): string =>
    columns.find((column) => column.name === name)?.destinationType ?? 'text';
  const same = key.map((name, i) => `t.${quoteIdentifier(name)} = w.k${i}::${typeOf(name)}`).join(' AND ');
  const from = `unnest(${arrays.join(', ')}) w(${names.join(', ')})`;
  const target = quoteTable(destination);
  const text =
    deletes === 'mirror'
      ? `DELETE FROM ${target} t USING ${from} WHERE ${same}`
      : `UPDATE ${target} t SET ${quoteIdentifier(deletes.soft)} = now() FROM ${from} WHERE ${same}`;
  const values = key.map((_, column) => gone.map((one) => one[column] ?? null));
  await client.query(longStatement(text, values));
}
