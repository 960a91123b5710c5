import type { ClientBase } from 'pg';
import { cutEvenly, type Interval, thin } from '../plan/intervals';
import type { SourceTable } from '../source/describe-tables';
import type { Cursor } from '../postgres/cursor-range';
import { estimateBySize } from '../source/estimate-by-size';
import { findBatchEnd } from '../source/find-batch-end';
import { readSpan } from '../source/read-span';

/** An interval of fewer batches is not worth a part of its own, once every lane has one. */
const BATCHES_PER_INTERVAL = 2;
const MOST_EVEN_CUTS = 64;
/** So many chunks get an interval each, however few rows are in them. */
const FEW_CUTS = 64;

/**
 * Where to cut a stretch, so that several intervals can be copied at once: along chunks where the cursor column is the
 * hypertable's time dimension, else evenly between the least and the greatest value there.
 */
export async function chooseCuts(
  client: ClientBase,
  table: SourceTable,
  cursor: Cursor,
  stretch: Interval,
  { batchRows, lanes }: { batchRows: number; lanes: number },
  stretches: readonly Interval[] | undefined,
): Promise<bigint[]> {
  if (stretch.lower >= stretch.upper) return [];
  const worthwhile = (rows: number): number => Math.floor(rows / (batchRows * BATCHES_PER_INTERVAL));
  if (stretches) {
    const cuts = [...new Set(stretches.flatMap(({ lower, upper }) => [lower, upper]))];
    const inside = cuts.filter((cut) => cut > stretch.lower && cut < stretch.upper);
    if (inside.length <= FEW_CUTS) return inside;
    const rows = table.estimatedRows ?? (await estimateBySize(client, table.hypertable?.hypertable ?? table));
    return thin(inside, Math.max(FEW_CUTS, worthwhile(rows)));
  }
  const rows = table.estimatedRows ?? 0;
  const pieces = Math.min(
    MOST_EVEN_CUTS,
    Math.max(worthwhile(rows), Math.min(lanes, Math.round(rows / batchRows))),
  );
  if (pieces < 2) return [];
  // The estimate is of the whole table; what came since the last run is mostly far less.
  const enough = await findBatchEnd(client, cursor, stretch.lower, stretch.upper, batchRows);
  if (enough === stretch.upper) return [];
  const span = await readSpan(client, cursor, stretch.lower);
  if (span === undefined) return [];
  const upper = span.max + 1n < stretch.upper ? span.max + 1n : stretch.upper;
  return cutEvenly({ lower: span.min, upper }, pieces);
}
