import { type CursorKind, formatCursorValue, isTime, rangeOfKind } from '../plan/cursor-value';
import { quoteIdentifier, type TableName } from './identifiers';

/** A table's cursor column. */
export interface Cursor {
  table: TableName;
  column: string;
  kind: CursorKind;
}

/** A half-open interval in ticks. */
export interface TickRange {
  lower: bigint;
  upper: bigint;
}

/** The SQL type a kind's values are written with. */
export function sqlTypeOfKind(kind: CursorKind): string {
  return kind === 'timestamptz'
    ? 'timestamp with time zone'
    : kind === 'timestamp'
      ? 'timestamp without time zone'
      : kind;
}

/**
 * A range's first and last value as text, clamped to what the kind can hold. The last value rather than the upper
 * bound, since the bound above the kind's largest value cannot be written.
 */
export function rangeValues(kind: CursorKind, { lower, upper }: TickRange): [first: string, last: string] {
  const [lowest, highest] = rangeOfKind(kind);
  const first = lower < lowest ? lowest : lower;
  const last = upper > highest ? highest : upper - 1n;
  if (first > highest || last < lowest)
    throw new RangeError(`an interval lies outside what ${kind} can hold`);
  return [formatCursorValue(kind, first), formatCursorValue(kind, last)];
}

/**
 * The condition that a row's cursor value is in a range whose first and last values are given as SQL expressions
 * (`$1`, or literals). Cast to the column's own type, so that its index and chunk exclusion serve. ±infinity is in no
 * range.
 */
export function inRange(column: string, kind: CursorKind, first: string, last: string): string {
  const type = sqlTypeOfKind(kind);
  const name = quoteIdentifier(column);
  return `${name} >= ${first}::${type} AND ${name} <= ${last}::${type}`;
}

/** ±infinity is never a position. */
function isFinite(column: string, kind: CursorKind): string {
  return isTime(kind) ? `isfinite(${quoteIdentifier(column)})` : 'true';
}

/**
 * The condition that a row is at or above a value (an SQL expression), and finite. Without an upper bound, since
 * TimescaleDB's times end before PostgreSQL's (TS_TIMESTAMP_END), and a bound beyond them is an error there.
 */
export function fromOn(column: string, kind: CursorKind, value: string): string {
  return `${quoteIdentifier(column)} >= ${value}::${sqlTypeOfKind(kind)} AND ${isFinite(column, kind)}`;
}

/** The condition that a row is below a value, and finite. */
export function below(column: string, kind: CursorKind, value: string): string {
  return `${quoteIdentifier(column)} < ${value}::${sqlTypeOfKind(kind)} AND ${isFinite(column, kind)}`;
}
