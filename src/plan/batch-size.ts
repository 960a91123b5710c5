export interface BatchLimits {
  rows: number;
  bytes: number;
}

/** How many rows the next batch should hold, from a budget in bytes and the average row width seen so far. */
export function rowsPerBatch(limits: BatchLimits, averageRowBytes: number): number {
  const within = Math.floor(limits.bytes / Math.max(1, averageRowBytes));
  return Math.max(1, Math.min(limits.rows, within));
}
