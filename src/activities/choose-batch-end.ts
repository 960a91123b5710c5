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
  const ahead = stretches.filter(({ lower, upper }) => upper > rest.lower && lower < rest.upper);
  const [first] = ahead;
  if (first?.compressed !== true) {
    const upper = ahead.find(({ compressed }) => compressed)?.lower ?? rest.upper;
    return { end: await findBatchEnd(client, cursor, rest.lower, upper, rows), whole: false };
  }
  // Gaps between compressed chunks belong to the run: nothing is in them, or what just came.
  const run = { ...rest, upper: ahead.find(({ compressed }) => !compressed)?.lower ?? rest.upper };
  // Small chunks go together.
  if (width === undefined && (await fits(client, cursor, run, rows))) return { end: run.upper, whole: true };
  const own = { ...run, upper: first.upper < run.upper ? first.upper : run.upper };
  const wanted = width ?? (await evenWidth(client, cursor, own, rows));
  let end = pieceEnd(width === undefined ? own : run, wanted);
  // Rows are not spread evenly: the last piece's width, or the chunk's average, may hold many times as many here.
  while (end - rest.lower > 1n && !(await fits(client, cursor, { ...rest, upper: end }, rows)))
    end = rest.lower + (end - rest.lower) / 2n;
  return { end, whole: true };
}

/** What is left joins the last piece up to this: a small batch costs as much as a large one. */
const SLACK = 1.5;

/** Counts no further than it must. */
async function fits(client: ClientBase, cursor: Cursor, range: Interval, rows: number): Promise<boolean> {
  const most = Math.floor(rows * SLACK);
  return (await countRows(client, cursor, range, most + 1)) <= most;
}

async function evenWidth(client: ClientBase, cursor: Cursor, own: Interval, rows: number): Promise<bigint> {
  const pieces = Math.ceil((await countRows(client, cursor, own)) / rows);
  return (own.upper - own.lower) / BigInt(Math.max(1, pieces));
}
