/**
 * SQL for a chunk's bounds as whole numbers, of a row of timescaledb_information.chunks: the integers of an integer
 * dimension, else microseconds since the Unix epoch, also for a date. NULL for ±infinity.
 */
export const chunkLower = bound('range_start');
export const chunkUpper = bound('range_end');

function bound(column: string): string {
  return `coalesce(${column}_integer, CASE WHEN isfinite(${column}) THEN (extract(epoch FROM ${column}) * 1000000)::bigint END)`;
}
