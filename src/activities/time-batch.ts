import type { BatchRows } from '../destination/write-batch';
import type { Metrics, TableLabels } from './metrics';

/** Measures how long a batch takes at each end. */
export interface BatchTimer {
  /** The same rows, the reading of which is timed. */
  reading(rows: BatchRows): BatchRows;
  /** The last row was read. */
  read(): void;
  /** The batch is committed: what was measured counts. */
  committed(): void;
}

/** Starts with the destination's transaction. */
export function timeBatch(metrics: Metrics | undefined, labels: TableLabels): BatchTimer {
  const begun = performance.now();
  let readingSince = begun;
  let readUntil = begun;
  return {
    reading: ({ format, read }) => ({
      format,
      read: (consume) => {
        readingSince = performance.now();
        return read(consume);
      },
    }),
    read: () => void (readUntil = performance.now()),
    committed: () => {
      metrics?.observe('tidemark_read_duration_seconds', (readUntil - readingSince) / 1000, labels);
      metrics?.observe('tidemark_write_duration_seconds', (performance.now() - begun) / 1000, labels);
    },
  };
}
