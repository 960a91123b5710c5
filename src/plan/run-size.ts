import type { Comparison } from './reconcile-wire';
import type { TableProgress } from './wire';

/**
 * Temporal refuses a payload of more than 2 MiB, and a run's tables are one: carried along when it continues as new, in
 * its summary, and in the answer to `progress`. The rest is for what goes with them.
 */
export const MOST_BYTES = 1_900_000;

/** Of these, for what some tables have to say beyond the bytes set aside for each. */
const TEXT_BYTES = 150_000;

/** Bytes that a table may take of a run's payload, besides its name; wide numbers and one short text included. */
const PROGRESS_BYTES = 470;
const COMPARISON_BYTES = 460;
/** Of an error's message that has to be cut. PostgreSQL's longest name is 63 bytes. */
const SHORT_TEXT = 100;

/** Bytes set aside for a table in a run's payload. `compared`: its comparison is in the same run. */
export function bytesSetAside(table: string, compared: boolean): number {
  const name = sizeOf(table);
  return PROGRESS_BYTES + name + (compared ? COMPARISON_BYTES + name : 0);
}

/** Whether a run may have so many tables. */
export function fitsOneRun(tables: readonly string[], isCompared: (table: string) => boolean): boolean {
  const bytes = tables.reduce((sum, table) => sum + bytesSetAside(table, isCompared(table)), 0);
  return bytes <= MOST_BYTES - TEXT_BYTES;
}

/** Bytes of UTF-8 that a value takes as JSON, as Temporal's payloads are. */
export function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** What a table came to, in few bytes: for a run whose tables have too much to tell all together. */
export function shortenProgress(row: TableProgress): TableProgress {
  const { comparison } = row;
  return { ...shortenTexts(row), ...(comparison && { comparison: shortenComparison(comparison) }) };
}

/** Counts stay; which intervals differ is told by the table's own workflow. */
export function shortenComparison(row: Comparison): Comparison {
  return { ...shortenTexts(row), differences: [], remaining: [] };
}

function shortenTexts<Row extends Pick<TableProgress, 'warnings' | 'error'>>(row: Row): Row {
  const { warnings, error } = row;
  const told = `${warnings.length} warnings, in its own workflow`;
  return {
    ...row,
    warnings: warnings.length > 0 ? [told] : [],
    ...(error && { error: { ...error, message: shorten(error.message) } }),
  };
}

function shorten(text: string): string {
  return text.length > SHORT_TEXT ? `${text.slice(0, SHORT_TEXT)}…` : text;
}
