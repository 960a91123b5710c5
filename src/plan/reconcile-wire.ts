import { z } from 'zod';
import type { CursorKind } from './cursor-value';
import { syncName, tableText } from './names';
import type { ReconcileDepth } from './table-spec';

/**
 * Input of the `reconcile` workflow. What crosses here is names, counts and interval bounds, as in wire.ts.
 */
export const reconcileInputSchema = z.strictObject({
  /** The name of a configured sync. */
  sync: syncName,
  /** Only these of its tables, named as in SQL; all when left out. */
  tables: z.array(tableText).optional(),
  /** `hinted` compares what may have changed since the last time, `full` everything. */
  depth: z.enum(['hinted', 'full']).default('hinted'),
  /** Copy again what differs, and compare it once more; else only tell of it. */
  repair: z.boolean().default(true),
  /** Only from this cursor value on, a date, a time or a whole number. */
  from: z.string().min(1).max(100).optional(),
  /** Only below this cursor value. */
  to: z.string().min(1).max(100).optional(),
  /** Delete at the destination what is gone at the source, however much that is. */
  allowDeletes: z.boolean().default(false),
});
export type ReconcileInput = z.input<typeof reconcileInputSchema>;

/** What one table's comparison is asked for. */
export interface CompareRequest {
  sync: string;
  table: string;
  depth: Exclude<ReconcileDepth, 'off'>;
  repair: boolean;
  from?: string;
  to?: string;
}

/** What is compared by one activity: neighbouring stretches. Bounds as PostgreSQL's text. */
export interface Portion {
  lower: string;
  upper: string;
  /** Where its stretches meet. */
  cuts: string[];
  /** Its chunk was dropped at the source and made anew by late rows: what was there before is an archive, and stays. */
  archive?: true;
  /** Where it is compared at a pace and chunks are compressed: how wide its next piece should be, in ticks. */
  width?: string;
}

/** A stretch in which source and destination differ. Counts of rows, never the rows. */
export interface Difference {
  lower: string;
  upper: string;
  /** At the source alone. */
  missing: number;
  /** At the destination alone. */
  extra: number;
  /** At both, with other values. */
  different: number;
  archive?: true;
}

export interface ComparePlan {
  kind: CursorKind;
  /** Up to where rows were copied, and so are compared; null where the table was never copied to its end. */
  watermark: string | null;
  portions: Portion[];
  /** Stretches in which nothing may be deleted, compared or not. */
  archives: Pick<Portion, 'lower' | 'upper'>[];
  /** Chunks, or buckets of a table that has none, in the range. */
  stretches: number;
  /** Of these, left out since nothing hints at a change. */
  skipped: number;
  /** Chunks that were compared once and are gone at the source now, whose rows are kept. */
  dropped: number;
  /** What a run has yet to copy, and so was not compared. */
  uncompared: Pick<Difference, 'lower' | 'upper'>[];
  warnings: string[];
}

export interface PortionResult {
  sourceRows: number;
  destinationRows: number;
  differences: Difference[];
  /** Rows that a repair would delete. */
  gone: number;
  /** Rows gone at the source that stay at the destination, as configured. */
  kept: number;
  /** Rows that left the stretch by a later cursor value: the next sync copies them. */
  moved: number;
  /** What of the portion is still to be compared, where the source has a pace. */
  rest?: Portion;
}

/** What comparing a table came to. */
export interface Comparison {
  table: string;
  state: 'waiting' | 'comparing' | 'closed' | 'repairing' | 'completed' | 'failed' | 'cancelled';
  /** When the source's hours begin, which the comparison waits for while it is `closed`. */
  opens?: string;
  depth: Exclude<ReconcileDepth, 'off'>;
  watermark: string | null;
  stretches: number;
  skipped: number;
  /** Chunks that were compared once and are gone at the source now, whose rows are kept. */
  dropped: number;
  /** Stretches compared so far. */
  compared: number;
  sourceRows: number;
  destinationRows: number;
  /** Where the two differed, at most {@link MOST_DIFFERENCES}, neighbours joined beyond; in a summary the first of them. */
  differences: Difference[];
  /** How many intervals differed. */
  differing: number;
  missing: number;
  extra: number;
  different: number;
  /** Rows that a repair deletes. */
  gone: number;
  kept: number;
  moved: number;
  /** What differed was copied again. */
  repaired: boolean;
  /** Rows copied for that. */
  rowsCopied: number;
  /** What still differs: equal to `differences` where nothing was repaired; in a summary the first of them. */
  remaining: Difference[];
  /** How many intervals still differ. */
  stillDiffering: number;
  warnings: string[];
  error?: { type: string; message: string };
}

export interface ReconcileProgress {
  sync: string;
  /** When the source's hours begin, which the run waits for before it begins its tables. */
  opens?: string;
  tables: Comparison[];
}

/** `ok`: every table was compared, and none differs any more. */
export interface ReconcileSummary extends ReconcileProgress {
  ok: boolean;
}

/** More than this of one table, and neighbours are joined. */
export const MOST_DIFFERENCES = 500;

/** Of all tables of a run together, so that its summary fits into a Temporal payload. */
const MOST_IN_SUMMARY = 4_000;

/** A table's comparison as a run's summary holds it, beside those of `tables` tables. */
export function forSummary(comparison: Comparison, tables: number): Comparison {
  const most = Math.max(5, Math.floor(MOST_IN_SUMMARY / tables));
  const { differences, remaining } = comparison;
  return { ...comparison, differences: differences.slice(0, most), remaining: remaining.slice(0, most) };
}
