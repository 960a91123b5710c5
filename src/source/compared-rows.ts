import { type ClientBase, escapeLiteral } from 'pg';
import { isText } from '../plan/printed-type';
import type { TableSpec } from '../plan/table-spec';
import { inRange, type TickRange, rangeValues } from '../postgres/cursor-range';
import { type Equality, readEquality } from '../postgres/equality';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { type ComparedRows, textOrder } from '../postgres/row-digest';
import { type ReadColumn, readExpression } from './read-expression';

/**
 * The source's rows of a range, as they are compared: those that the destination should hold. Where the key is not
 * unique here, that is each key's newest row below the watermark: so newer ones have to be looked at as well.
 */
export async function sourceRows(
  client: ClientBase,
  spec: TableSpec,
  watermark: bigint,
): Promise<(range: TickRange) => ComparedRows> {
  const { source, cursor, key, keyUnique, columns } = spec;
  const compared = columns.map(comparedAs);
  const rows = {
    columns: compared,
    key: key.map(
      (name) => compared[columns.findIndex((column) => column.name === name)] ?? quoteIdentifier(name),
    ),
    cursor,
  };
  if (key.length === 0 || keyUnique) return () => ({ ...rows, from: quoteTable(source) });
  const equality = await readEquality(client, source);
  return (range) => ({ ...rows, from: newestOfEachKey(spec, compared, range, watermark, equality) });
}

/**
 * Of rows that tie the one whose text is the greatest, as a batch chooses it (destination/write-batch.ts). Only keys
 * that have a row in the range are looked at: sorting all newer rows again for each small piece would take long.
 */
function newestOfEachKey(
  { source, key, cursor }: TableSpec,
  compared: string[],
  range: TickRange,
  watermark: bigint,
  equality: Equality,
): string {
  const keys = key.map(quoteIdentifier).join(', ');
  const within = (part: TickRange): string => {
    const [first = '', last = ''] = rangeValues(cursor.kind, part).map(escapeLiteral);
    return inRange(cursor.column, cursor.kind, first, last);
  };
  const table = quoteTable(source);
  const same = key.map((name) => `s.${quoteIdentifier(name)} ${equality(name)} t.${quoteIdentifier(name)}`);
  // Names without a table's are those of `s` where it is there.
  const concerned =
    range.upper < watermark
      ? ` AND EXISTS (SELECT FROM ${table} s WHERE ${within(range)} AND ${same.join(' AND ')})`
      : '';
  return `(SELECT DISTINCT ON (${keys}) * FROM ${table} t
    WHERE ${within({ lower: range.lower, upper: watermark })}${concerned}
    ORDER BY ${keys}, ${quoteIdentifier(cursor.column)} DESC NULLS LAST, ${textOrder(compared)}) newest`;
}

/**
 * A column's value in the type that it has at the destination, so that both ends have one text. Text takes every value
 * as it is written; a type of an extension's or a user's may be missing here, and there its text is compared as it is.
 */
function comparedAs(read: ReadColumn): string {
  const { sourceType, destinationType } = read;
  const expression = readExpression(read);
  const isConverted = expression !== quoteIdentifier(read.name);
  if (
    isConverted ||
    sourceType === destinationType ||
    isText(destinationType) ||
    destinationType.includes('.')
  )
    return expression;
  return `${expression}::text::${destinationType}`;
}
