import { escapeLiteral } from 'pg';
import type { TableSpec } from '../plan/table-spec';
import { inRange, type TickRange, rangeValues } from '../postgres/cursor-range';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import type { ComparedRows } from '../postgres/row-digest';
import { type ReadColumn, readExpression } from './read-expression';

/**
 * The source's rows of a range, as they are compared: those that the destination should hold. Where the key is not
 * unique here, that is each key's newest row below the watermark: so newer ones have to be looked at as well.
 */
export function sourceRows(spec: TableSpec, range: TickRange, watermark: bigint): ComparedRows {
  const { cursor, key, keyUnique, columns } = spec;
  return {
    from: key.length === 0 || keyUnique ? quoteTable(spec.source) : newestOfEachKey(spec, range, watermark),
    columns: columns.map(comparedAs),
    key: key.map(quoteIdentifier),
    cursor,
  };
}

function newestOfEachKey({ source, key, cursor }: TableSpec, range: TickRange, watermark: bigint): string {
  const keys = key.map(quoteIdentifier).join(', ');
  const column = quoteIdentifier(cursor.column);
  const [first, last] = rangeValues(cursor.kind, { lower: range.lower, upper: watermark }).map(escapeLiteral);
  return `(SELECT DISTINCT ON (${keys}) * FROM ${quoteTable(source)}
    WHERE ${inRange(cursor.column, cursor.kind, first ?? '', last ?? '')} ORDER BY ${keys}, ${column} DESC NULLS LAST) newest`;
}

/**
 * A column's value in the type that it has at the destination, so that both ends have one text. Text takes every value
 * as it is written; a type of an extension's or a user's may be missing here, and there its text is compared as it is.
 */
function comparedAs(read: ReadColumn): string {
  const { sourceType, destinationType } = read;
  const expression = readExpression(read);
  const isText = /^(text|character varying)(\(\d+\))?(\[\])?$/.test(destinationType);
  const isConverted = expression !== quoteIdentifier(read.name);
  if (isConverted || sourceType === destinationType || isText || destinationType.includes('.'))
    return expression;
  return `${expression}::text::${destinationType}`;
}
