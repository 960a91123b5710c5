export interface Lanes {
  /** Tables copied at the same time. */
  tables: number;
  /** Intervals of one table copied at the same time. */
  intervals: number;
}

/**
 * How many tables and intervals may be under way so that a sync never takes more than `maxConnections` on a side.
 * A batch takes one connection on each side, and so does everything else that a table does, one thing at a time.
 * The workflow keeps to it, so that it holds over all workers.
 */
export function lanesWithin(maxConnections: number, wanted: Lanes, tables: number): Lanes {
  const atOnce = Math.max(1, Math.min(wanted.tables, maxConnections, tables));
  return {
    tables: atOnce,
    intervals: Math.max(1, Math.min(wanted.intervals, Math.floor(maxConnections / atOnce))),
  };
}
