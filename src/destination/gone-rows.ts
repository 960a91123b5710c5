import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { Interval } from '../plan/intervals';
import { mayMove, type TableSpec } from '../plan/table-spec';
import { inRange, rangeValues } from '../postgres/cursor-range';
import { type Equality, readEquality } from '../postgres/equality';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';

/** Some columns' values of a row, as text. */
export type RowText = (string | null)[];

/** Which of some rows, known by these columns, the source has now, wherever: their places in the list. */
export type FindAtSource = (columns: string[], rows: RowText[]) => Promise<Set<number>>;

/** So many keys are looked at and removed at a time. */
const AT_A_TIME = 5_000;

/**
 * Removes, or marks by the soft column, the rows of a range whose key is not among the staged ones, which are all that
 * the source holds there. A row whose key the source has in another place has moved there: it stays, until it is
 * copied. Within the transaction that staged them.
 */
export async function removeGoneRows(
  client: ClientBase,
  spec: TableSpec,
  range: Interval,
  staging: string,
  findAtSource: FindAtSource,
): Promise<void> {
  const { deletes, key, cursor } = spec;
  if (deletes === 'keep') return;
  const equality = await readEquality(client, spec.destination);
  const same = key
    .map((name) => `s.${quoteIdentifier(name)} ${equality(name)} t.${quoteIdentifier(name)}`)
    .join(' AND ');
  const unmarked = deletes === 'mirror' ? '' : ` AND t.${quoteIdentifier(deletes.soft)} IS NULL`;
  const absent = `${inRange(cursor.column, cursor.kind, '$1', '$2')}${unmarked}
    AND NOT EXISTS (SELECT FROM ${staging} s WHERE ${same})`;
  const values = rangeValues(cursor.kind, range);
  if (!mayMove(spec)) {
    await client.query(longStatement(`${removal(spec)} WHERE ${absent}`, values));
    return;
  }
  const keys = key.map((name) => `t.${quoteIdentifier(name)}::text`).join(', ');
  const absentKeys = `SELECT ${keys} FROM ${quoteTable(spec.destination)} t WHERE ${absent}`;
  // All that is absent may be the whole table: it is never held at once. What the statement sees does not change with
  // what is removed meanwhile (PostgreSQL: DECLARE, "insensitive").
  await client.query(longStatement(`DECLARE tidemark_absent NO SCROLL CURSOR FOR ${absentKeys}`, values));
  for (;;) {
    const { rows } = await client.query({
      ...longStatement(`FETCH ${AT_A_TIME} FROM tidemark_absent`),
      rowMode: 'array',
    });
    const some = z.array(z.array(z.string().nullable())).parse(rows);
    if (some.length === 0) break;
    const moved = await findAtSource(key, some);
    const gone = some.filter((_, place) => !moved.has(place));
    if (gone.length > 0) await removeKeys(client, spec, equality, gone);
  }
  await client.query('CLOSE tidemark_absent');
}

/** Up to its conditions. */
function removal({ deletes, destination }: TableSpec, from = ''): string {
  const target = quoteTable(destination);
  return typeof deletes === 'string'
    ? `DELETE FROM ${target} t ${from && `USING ${from}`}`
    : `UPDATE ${target} t SET ${quoteIdentifier(deletes.soft)} = now() ${from && `FROM ${from}`}`;
}

async function removeKeys(
  client: ClientBase,
  spec: TableSpec,
  equality: Equality,
  gone: RowText[],
): Promise<void> {
  const { key, columns } = spec;
  const names = key.map((_, index) => `k${index}`);
  const arrays = key.map((_, index) => `$${index + 1}::text[]`);
  const typeOf = (name: string): string =>
    columns.find((column) => column.name === name)?.destinationType ?? 'text';
  const same = key
    .map((name, i) => `t.${quoteIdentifier(name)} ${equality(name)} w.k${i}::${typeOf(name)}`)
    .join(' AND ');
  const from = `unnest(${arrays.join(', ')}) w(${names.join(', ')})`;
  const values = key.map((_, column) => gone.map((one) => one[column] ?? null));
  await client.query(longStatement(`${removal(spec, from)} WHERE ${same}`, values));
}
