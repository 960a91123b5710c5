import { escapeLiteral } from 'pg';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { type ReadColumn, readExpression } from './read-expression';
import { type Cursor, inRange, rangeValues, type TickRange } from '../postgres/cursor-range';

export interface BatchSelection extends Cursor {
  /** The columns to read, in this order; by name alone where no value is to be converted. */
  columns: readonly (string | ReadColumn)[];
  range: TickRange;
  /** Sort the rows by these columns: rows that are merged go faster in key order. */
  orderBy?: readonly string[];
}

export interface BatchQuery {
  text: string;
  values: string[];
}

/** The SELECT of an interval's rows, for a database cursor. Values come as text by the pinned session. */
export function batchQuery(selection: BatchSelection): BatchQuery {
  return { text: select(selection, '$1', '$2'), values: rangeValues(selection.kind, selection.range) };
}

/**
 * The same rows as `COPY … TO STDOUT`. COPY takes no parameters, so the bounds are literals: ours, formatted from
 * ticks. Binary needs identical types on both ends; text does not, and is what a database cursor would read.
 */
export function batchCopy(selection: BatchSelection, format: 'binary' | 'text'): string {
  const [first, last] = rangeValues(selection.kind, selection.range);
  return `COPY (${select(selection, escapeLiteral(first), escapeLiteral(last))}) TO STDOUT (FORMAT ${format})`;
}

function select(
  { table, column, kind, columns, orderBy = [] }: BatchSelection,
  first: string,
  last: string,
): string {
  const order = orderBy.length > 0 ? ` ORDER BY ${orderBy.map(quoteIdentifier).join(', ')}` : '';
  return `SELECT ${columns.map(asRead).join(', ')} FROM ${quoteTable(table)} WHERE ${inRange(column, kind, first, last)}${order}`;
}

function asRead(column: string | ReadColumn): string {
  return typeof column === 'string' ? quoteIdentifier(column) : readExpression(column);
}
