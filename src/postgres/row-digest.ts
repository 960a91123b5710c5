import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { HashedRow } from '../plan/compare-hashes';
import { type CursorKind, formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import { inRange, rangeValues, sqlTypeOfKind, type TickRange } from './cursor-range';
import { quoteIdentifier } from './identifiers';
import { longStatement } from './long-statement';
import { pgInteger } from './query';

/**
 * One end's rows, as they are compared. Both ends give the same columns in the same order, each as the text that the
 * destination's type has; sessions are pinned, so that equal values have equal text.
 */
export interface ComparedRows {
  /** A table, or a subquery with an alias. */
  from: string;
  /** SQL expressions. */
  columns: string[];
  /** Those that tell rows apart; none in a table without a key. */
  key: string[];
  cursor: { column: string; kind: CursorKind };
  /** A further condition on the rows. */
  where?: string;
}

/** The order that decides between rows that tie otherwise: by their text, alike at both ends whatever their collations. */
export function textOrder(columns: string[]): string {
  return `ROW(${columns.join(', ')})::text COLLATE "C" DESC`;
}

/** Count and hash of a stretch's rows. Equal multisets have equal digests, in whatever order. */
export interface Digest {
  rows: number;
  hash: string;
}

const noRows: Digest = { rows: 0, hash: '0' };

/**
 * The digests of the stretches that `cuts` part a range into, in one scan. The hash of a row is that of its text, so
 * that -0 and 0 differ, and 1.0 and 1.00; added up, since a sum, unlike an XOR, counts how often a row is there.
 */
export async function readDigests(
  client: ClientBase,
  { from, columns, cursor, where }: ComparedRows,
  range: TickRange,
  cuts: bigint[],
): Promise<Digest[]> {
  const { column, kind } = cursor;
  const stretch =
    cuts.length === 0 ? '0' : `width_bucket(${quoteIdentifier(column)}, $3::${sqlTypeOfKind(kind)}[])`;
  const text = `SELECT ${stretch} AS stretch, count(*) AS rows,
       coalesce(sum(hashtextextended(ROW(${columns.join(', ')})::text, 0)), 0) AS hash
     FROM ${from} WHERE ${inRange(column, kind, '$1', '$2')}${where === undefined ? '' : ` AND ${where}`} GROUP BY 1`;
  const values = [...rangeValues(kind, range), ...(cuts.length === 0 ? [] : [arrayOf(kind, cuts)])];
  const { rows } = await client.query(longStatement(text, values));
  const digests = Array.from({ length: cuts.length + 1 }, () => noRows);
  for (const { stretch: index, ...digest } of z.array(digestRow).parse(rows)) digests[index] = digest;
  return digests;
}

const digestRow = z.object({ stretch: pgInteger, rows: pgInteger, hash: z.string() });

/**
 * A range's rows one by one, for a range that holds few: those of one part where it is read in `parts`, parted by what
 * tells rows apart.
 */
export async function readHashes(
  client: ClientBase,
  { from, columns, key, cursor, where }: ComparedRows,
  range: TickRange,
  { part, parts }: { part: number; parts: number } = { part: 0, parts: 1 },
): Promise<HashedRow[]> {
  const { column, kind } = cursor;
  const keys = key.map((expression) => `, format('%s', ${expression})`).join('');
  const apart = (key.length > 0 ? key.map((expression) => `format('%s', ${expression})`) : columns).join(
    ', ',
  );
  const conditions = [
    inRange(column, kind, '$1', '$2'),
    ...(where === undefined ? [] : [where]),
    ...(parts === 1 ? [] : [`abs(hashtextextended(ROW(${apart})::text, 1) % ${parts}) = ${part}`]),
  ];
  const text = `SELECT hashtextextended(ROW(${columns.join(', ')})::text, 0)${keys}
     FROM ${from} WHERE ${conditions.join(' AND ')}`;
  const { rows } = await client.query({ ...longStatement(text, rangeValues(kind, range)), rowMode: 'array' });
  return z
    .array(z.tuple([z.string()], z.string().nullable()))
    .parse(rows)
    .map(([hash, ...values]) => ({ hash, key: values }));
}

/** The least and the greatest cursor value in a range, in ticks; undefined where there is no row. */
export async function readComparedSpan(
  client: ClientBase,
  { from, cursor, where }: ComparedRows,
  range: TickRange,
): Promise<{ min: bigint; max: bigint } | undefined> {
  const { column, kind } = cursor;
  const name = quoteIdentifier(column);
  const text = `SELECT min(${name})::text AS min, max(${name})::text AS max
     FROM ${from} WHERE ${inRange(column, kind, '$1', '$2')}${where === undefined ? '' : ` AND ${where}`}`;
  const { rows } = await client.query(longStatement(text, rangeValues(kind, range)));
  const [{ min, max }] = z
    .tuple([z.object({ min: z.string().nullable(), max: z.string().nullable() })])
    .parse(rows);
  return min === null || max === null
    ? undefined
    : { min: parseCursorValue(kind, min), max: parseCursorValue(kind, max) };
}

/** Cursor values have no character that an array's text would have to escape but spaces, which quotes take care of. */
function arrayOf(kind: CursorKind, ticks: bigint[]): string {
  return `{${ticks.map((value) => `"${formatCursorValue(kind, value)}"`).join(',')}}`;
}
