import { z } from 'zod';
import type { CursorKind } from './cursor-value';
import { syncName, tableText } from './names';
import type { Comparison } from './reconcile-wire';

/**
 * What crosses the border between workflows, activities and clients. Cursor values travel as PostgreSQL's text form;
 * nothing here may ever hold a secret or a row's value.
 */
export const syncInputSchema = z.strictObject({
  /** The name of a configured sync. */
  sync: syncName,
  /** Copy only these of its tables, named as in SQL; all when left out. */
  tables: z.array(tableText).optional(),
  /** Compare these tables with their source once they are copied, whatever the configuration says of each. */
  reconcile: z.enum(['hinted', 'full']).optional(),
});
export type SyncInput = z.infer<typeof syncInputSchema>;

/** An interval on the wire. `id` is its number in the table's checkpoint. */
export interface WireInterval {
  id: number;
  lower: string;
  upper: string;
  position: string;
  /** How wide its next batch should be, in ticks, where chunks are compressed and batches are moved whole. */
  width?: string;
}

/** An interval that is copied again since its rows differ. */
export interface AgainInterval {
  lower: string;
  upper: string;
  /** What is gone at the source goes at the destination as well, as the table's `deletes` says. */
  rewrite: boolean;
}

/** Rows that a run saw and did not copy, by reason; a count that ends with `more` is a lower bound. */
export interface OddRows {
  nullCursor: number;
  infinite: number;
  beyondHorizon: number;
  beforeStart: number;
}

/** A table whose intervals are all copied. */
export interface Completed {
  watermark: string | null;
}

/** A table that had nothing to copy, completed among others. */
export interface IdleTable {
  table: string;
  /** The new watermark, which is the run's horizon as well. */
  watermark: string;
  odd: OddRows;
  warnings: string[];
}

export interface TablePlan {
  epoch: number;
  kind: CursorKind;
  horizon: string | null;
  /** The horizon in real time, in seconds since the Unix epoch, where the cursor column has a clock. */
  horizonAt?: number;
  watermark: string | null;
  intervals: WireInterval[];
  /** There was nothing to copy, and the table is complete; else null. */
  completed: Completed | null;
  batchLimits: { rows: number; bytes: number };
  averageRowBytes: number;
  estimatedRows: number;
  straight: boolean;
  /** Each interval's chunks are compressed once it is copied. */
  compressing?: true;
  odd: OddRows;
  warnings: string[];
}

export interface BatchInput {
  sync: string;
  table: string;
  epoch: number;
  interval: WireInterval;
  rows: number;
  straight: boolean;
}

/** An interval that is copied, whose chunks are to be compressed. */
export type CompressInput = Pick<BatchInput, 'sync' | 'table' | 'epoch' | 'interval'>;

export interface BatchResult {
  position: string;
  rows: number;
  bytes: number;
  /** The batch was found applied by an earlier attempt whose completion was lost: nothing was copied. */
  alreadyApplied: boolean;
  /** The activity's attempt that did the work, from 1. */
  attempt: number;
  /** Rows could be copied straight into the table; false once a key collided. */
  straight: boolean;
  /** How wide the interval's next batch should be, in ticks; see {@link WireInterval.width}. */
  width?: string;
  /** How often the batch was read again since a chunk changed while it was read. */
  fenced?: number;
  /** No batch of more rows than this passed a limit of the destination's. */
  mostRows?: number;
}

export interface TableTotals {
  rows: number;
  bytes: number;
  batches: number;
  /** Batches that were read again because an attempt failed before it committed. */
  repeated: number;
  alreadyApplied: number;
  /** How often a batch was read again since a chunk was compressed, dropped or moved while it was read. */
  fenced: number;
}

export type TableState =
  | 'waiting'
  | 'planning'
  | 'copying'
  | 'comparing'
  | 'closed'
  | 'paused'
  | 'completed'
  | 'skipped'
  | 'failed'
  | 'cancelled';

export interface TableProgress extends TableTotals {
  table: string;
  state: TableState;
  /** When the source's hours begin (`22:00 Europe/Berlin`), which the table waits for while it is `closed`. */
  opens?: string;
  watermark: string | null;
  horizon: string | null;
  intervals: number;
  intervalsDone: number;
  /** How much of this run's intervals has been copied, from 0 to 1. */
  part: number;
  estimatedRows: number;
  warnings: string[];
  odd: OddRows | null;
  /** What its comparison with the source came to, where the configuration asks for one. */
  comparison?: Comparison;
  error?: { type: string; message: string };
}

export interface SyncProgress {
  sync: string;
  state: 'planning' | 'copying' | 'closed' | 'paused' | 'completed' | 'failed' | 'cancelled';
  /** As a table's, before its tables are begun. */
  opens?: string;
  tables: TableProgress[];
}

/** What a run leaves behind. `ok` is false when any table failed or was cancelled; one that was to be skipped is no failure. */
export interface SyncSummary {
  sync: string;
  ok: boolean;
  tables: TableProgress[];
}

/** What a schedule's own workflow came to, when it did not fail as its run did. */
export interface ScheduledRun {
  /** A run was under way already. */
  leftOut: boolean;
}
