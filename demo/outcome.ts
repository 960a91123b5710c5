import type { Comparison } from './compare';

/** What `--json` prints. */
export interface Outcome {
  ok: boolean;
  /** Workers killed in the middle of a run. */
  killed: number;
  tables: TableOutcome[];
  recovery?: Recovery;
  reconciled?: Reconciled;
  /** From start to end, set-up included. */
  seconds?: number;
  /** Temporal's web page. */
  temporal?: string;
  error?: string;
}

export interface TableOutcome extends Comparison {
  name: string;
  /** Of both runs together, as the next two. */
  batches: number;
  batchesRepeated: number;
  seconds: number;
}

/** What the dead worker had committed of sensor_data, and what its successor did with that. */
export interface Recovery {
  batchesCommitted: number;
  rowsCommitted: number;
  /** Of those; none should be. */
  rowsWrittenAgain: number;
  batchesRepeated: number;
  /** By both workers together: as many as the source has, if none was copied twice. */
  rowsCopied: number;
  /** From the death to the next commit. */
  seconds: number;
}

/** What was changed far behind the watermark, and what it took to find it. */
export interface Reconciled {
  late: number;
  changed: number;
  deleted: number;
  /** All of it was found, and nothing else. */
  found: boolean;
  rowsCompared: number;
  rowsCopied: number;
}
