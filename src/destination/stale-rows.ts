import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { TableSpec } from '../plan/table-spec';
import { readEquality } from '../postgres/equality';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { longStatement } from '../postgres/long-statement';
import type { FindAtSource } from './gone-rows';

/**
 * Rows that stand in the way of staged ones of their key, being later, though the source has them no more: the row's
 * cursor value went down, or the newest row of the key was deleted. Takes them back to the staged row's cursor value, so
 * that this replaces them. The source is asked anew: a row that it got since the staged ones were read stays, and so
 * does one that another batch writes meanwhile.
 */
export async function takeBackStaleRows(
  client: ClientBase,
  spec: TableSpec,
  staging: string,
  findAtSource: FindAtSource,
): Promise<void> {
  const { key, cursor, destination, columns } = spec;
  const target = quoteTable(destination);
  const column = quoteIdentifier(cursor.column);
  const keys = key.map(quoteIdentifier);
  const equality = await readEquality(client, destination);
  const named = keys.map((_, i) => `k${i}`).join(', ');
  const newest = `(SELECT ${keys.join(', ')}, max(${column}) FROM ${staging} GROUP BY ${keys.join(', ')}) s(${named}, newest)`;
  const same = key.map((name, i) => `s.k${i} ${equality(name)} t.${quoteIdentifier(name)}`).join(' AND ');
  const names = [...key, cursor.column];
  const { rows } = await client.query({
    ...longStatement(
      `SELECT ${names.map((name) => `t.${quoteIdentifier(name)}::text`).join(', ')}
       FROM ${target} t JOIN ${newest} ON ${same} WHERE t.${column} > s.newest`,
    ),
    rowMode: 'array',
  });
  const later = z.array(z.array(z.string())).parse(rows);
  if (later.length === 0) return;
  const present = await findAtSource(names, later);
  const stale = later.filter((_, place) => !present.has(place));
  const typeOf = (name: string): string =>
    columns.find((found) => found.name === name)?.destinationType ?? 'text';
  const known = names
    .map((name, i) => `t.${quoteIdentifier(name)} ${equality(name)} w.v${i}::${typeOf(name)}`)
    .join(' AND ');
  const given = `unnest(${names.map((_, i) => `$${i + 1}::text[]`).join(', ')}) w(${names.map((_, i) => `v${i}`).join(', ')})`;
  await client.query(
    longStatement(
      `UPDATE ${target} t SET ${column} = s.newest FROM ${newest}, ${given} WHERE ${same} AND ${known}`,
      names.map((_, place) => stale.map((row) => row[place])),
    ),
  );
}
