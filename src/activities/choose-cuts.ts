import type { ClientBase } from 'pg';
import { toStretches } from '../plan/chunk-stretches';
import { cutEvenly, type Interval } from '../plan/intervals';
import type { SourceTable } from '../source/describe-tables';
import type { Cursor } from '../postgres/cursor-range';
import { findBatchEnd } from '../source/find-batch-end';
import { readChunks } from '../source/read-chunks';
import { readSpan } from '../source/read-span';
import { chunksOf } from './chunks-of';

/** An interval of fewer batches is not worth a part of its own. */
const BATCHES_PER_INTERVAL = 2;
const MOST_EVEN_CUTS = 64;

/**
 * Where to cut a stretch, so that several intervals can be copied at once: along chunks where the cursor column is the
 * hypertable's time dimension, else evenly between the least and the greatest value there.
 */
export async function chooseCuts(
  client: ClientBase,
  table: SourceTable,
  cursor: Cursor,
  stretch: Interval,
  batchRows: number,
): Promise<bigint[]> {
  if (stretch.lower >= stretch.upper) return [];
  const chunks = chunksOf(table, cursor.column);
  if (chunks?.alongCursor) {
    const found = await readChunks(client, chunks, cursor.kind, stretch);
    return toStretches(found).flatMap(({ lower, upper }) => [lower, upper]);
  }
  const pieces = Math.min(
    MOST_EVEN_CUTS,
    Math.floor((table.estimatedRows ?? 0) / (batchRows * BATCHES_PER_INTERVAL)),
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
