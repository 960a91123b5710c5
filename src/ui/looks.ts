import type { Baseline } from '../destination/baselines';
import type { Checkpoint } from '../destination/read-checkpoint';
import type { StoredInterval } from '../destination/intervals';
import type { Interval } from '../plan/intervals';
import type { TableView } from '../temporal/read-progress';
import type { RunSnapshot } from './snapshot';

/** What the destination says of one table. */
export interface CheckpointLook {
  checkpoint: Checkpoint;
  intervals: StoredInterval[];
  /** Chunks that reconcile has compared, those that are gone at the source included. */
  baselines: Baseline[];
}

export interface DestinationLook {
  /** The configured tables' names, in their order; those never planned are not in `checkpoints`. */
  tables: string[];
  checkpoints: Map<string, CheckpointLook>;
}

export type Lag = { ms: number } | { ticks: string } | { unknown: string };

/** What the source says of one table. */
export interface SourceTableLook {
  lag: Lag | null;
  /** The source's least and greatest cursor value, in ticks, as far as they were looked for. */
  span: { min: bigint; max: bigint } | null;
  /** Null where its rows are in none, or the cursor column does not order them. */
  chunks: (Interval & { name: string; compressed: boolean })[] | null;
}

export interface SourceLook {
  horizon: string | null;
  tables: Map<string, SourceTableLook>;
}

/** A stretch in which the last comparison, or the one under way, found source and destination to differ. */
export interface DifferingStretch {
  lower: string;
  upper: string;
}

export interface TemporalLook {
  /** What runs, in a sentence. */
  text: string;
  /** There is none to ask, and why. */
  absent?: true;
  runs: RunSnapshot[];
  /** By table, of the runs under way. */
  views: Map<string, TableView & { link: string | null }>;
  /** What went wrong with a table of the last run that ended. */
  trouble: Map<string, string>;
  /** By table. */
  differing: Map<string, DifferingStretch[]>;
}
