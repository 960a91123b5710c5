import type { ClientBase } from 'pg';
import type { Stretch } from '../plan/chunk-stretches';
import { pieceEnd, type Piece } from '../plan/pieces';
import type { Interval } from '../plan/intervals';
import type { Cursor } from '../postgres/cursor-range';
import { countRows } from '../source/count-rows';
import { findBatchEnd } from '../source/find-batch-end';

export interface BatchEndRequest {
  /** What is left of the interval. */
  rest: Interval;
  /** How many rows the batch should hold. */
  rows: number;
  /** What the last batch of the interval came to, where it was moved whole. */
  width: bigint | undefined;
  stretches: Stretch[];
}

/**
 * Where a batch ends. Where no chunk is compressed, by a look at the index. A compressed chunk is never sorted or
 * paged: what is left of it is counted, which is cheap there, and cut into pieces of one width, each moved whole; the
 * batches after the first go by what the last piece held.
 */
export async function chooseBatchEnd(
  client: ClientBase,
  cursor: Cursor,
  { rest, rows, width, stretches }: BatchEndRequest,
): Promise<Piece> {
  const first = stretches.find(({ upper }) => upper > rest.lower);
  const compressed = stretches.filter((stretch) => stretch.compressed && stretch.upper > rest.lower);
  if (first?.compressed !== true || first.lower > rest.lower) {
    const limit = compressed[0]?.lower ?? rest.upper;
    const upper = limit < rest.upper ? limit : rest.upper;
    return { end: await findBatchEnd(client, cursor, rest.lower, upper, rows), whole: false };
  }
  const run = runOf(stretches, first);
  const limit = { lower: rest.lower, upper: run < rest.upper ? run : rest.upper };
  if (width !== undefined) return { end: pieceEnd(limit, width), whole: true };
  // Small chunks go together.
  const enough = Math.floor(rows * SLACK) + 1;
  if ((await countRows(client, cursor, limit, enough)) < enough) return { end: limit.upper, whole: true };
  const own = { ...limit, upper: first.upper < limit.upper ? first.upper : limit.upper };
  const pieces = Math.ceil((await countRows(client, cursor, own)) / rows);
  return { end: pieceEnd(own, (own.upper - own.lower) / BigInt(Math.max(1, pieces))), whole: true };
}

/** What is left joins the last piece up to this: a small batch costs as much as a large one. */
const SLACK = 1.5;

/** Up to where compressed stretches follow each other without a gap. */
function runOf(stretches: Stretch[], first: Stretch): bigint {
  let { upper } = first;
  for (const stretch of stretches) if (stretch.compressed && stretch.lower === upper) ({ upper } = stretch);
  return upper;
}
