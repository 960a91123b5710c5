import { type CursorKind, formatCursorValue, rangeOfKind } from '../plan/cursor-value';
import type { Interval } from '../plan/intervals';
import { type StretchState, stretchStates, type Strip, STRIP_CELLS } from './snapshot';

export interface StripInput {
  kind: CursorKind;
  /** What the strip shows, from its left end to its right. */
  span: Interval;
  watermark: bigint | null;
  stretches: (Interval & { state: StretchState })[];
  chunks: (Interval & { compressed: boolean })[];
}

/** Chunks narrower than this, in cells, are not told apart. */
const NARROW = 3;

interface Cell {
  state: StretchState;
  lower: bigint;
  upper: bigint;
  count: number;
}

/**
 * Draws a table's stretches into cells. A cell that several touch shows the one that most wants to be seen, so that a
 * single differing second of ten years does not vanish; neighbours of one state become one.
 */
export function drawStrip({ kind, span, watermark, stretches, chunks }: StripInput): Strip {
  const scale = scaleOf(span);
  const text = (ticks: bigint): string => formatCursorValue(kind, clamp(kind, ticks));
  const sorted = [...stretches].sort((a, b) => (a.lower < b.lower ? -1 : 1));
  const cells = new Array<Cell | undefined>(STRIP_CELLS);
  for (const { lower, upper, state } of sorted) {
    if (upper <= span.lower || lower >= span.upper || lower >= upper) continue;
    const [first, last] = scale(lower, upper);
    for (let at = first; at <= last; at++) cells[at] = stronger(cells[at], { state, lower, upper, count: 1 });
  }
  return {
    from: text(span.lower),
    to: text(span.upper),
    watermark: watermark === null || watermark < span.lower ? null : scale(watermark, watermark)[0],
    stretches: clipped(joined(cells)).map(({ lower, upper, ...run }) => ({
      ...run,
      from: text(lower),
      to: text(upper),
    })),
    chunks: drawChunks(chunks, span, scale).map(({ lower, upper, ...run }) => ({
      ...run,
      from: text(lower),
      to: text(upper),
    })),
  };
}

function stronger(there: Cell | undefined, here: Cell): Cell {
  if (!there) return here;
  const [winner, other] = isStronger(here, there) ? [here, there] : [there, here];
  if (winner.state !== other.state) return winner;
  return {
    ...winner,
    lower: there.lower < here.lower ? there.lower : here.lower,
    upper: there.upper > here.upper ? there.upper : here.upper,
    count: there.count + here.count,
  };
}

function isStronger(one: Cell, other: Cell): boolean {
  return stretchStates.indexOf(one.state) < stretchStates.indexOf(other.state);
}

type Run = Cell & { at: number; cells: number };

function joined(cells: readonly (Cell | undefined)[]): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at];
    if (!cell) continue;
    const last = runs.at(-1);
    if (last?.state !== cell.state || last.at + last.cells !== at) {
      runs.push({ ...cell, at, cells: 1 });
      continue;
    }
    // A stretch that reaches over several cells is one all the same.
    if (cell.upper > last.upper) last.count += cell.lower >= last.upper ? cell.count : cell.count - 1;
    if (cell.upper > last.upper) last.upper = cell.upper;
    last.cells += 1;
  }
  return runs;
}

/** What lies under a stronger neighbour is not said to be there twice. */
function clipped(runs: Run[]): Run[] {
  for (const [index, run] of runs.entries()) {
    const next = runs[index + 1];
    if (!next || run.upper <= next.lower) continue;
    if (isStronger(run, next)) next.lower = run.upper;
    else run.upper = next.lower;
  }
  return runs;
}

interface ChunkRun extends Interval {
  at: number;
  cells: number;
  count: number;
  compressed: boolean;
}

/** One a chunk where each is wide enough to be seen; else neighbours that are compressed alike are one. */
function drawChunks(
  chunks: StripInput['chunks'],
  span: Interval,
  scale: ReturnType<typeof scaleOf>,
): ChunkRun[] {
  const runs: ChunkRun[] = [];
  for (const { lower, upper, compressed } of [...chunks].sort((a, b) => (a.lower < b.lower ? -1 : 1))) {
    if (upper <= span.lower || lower >= span.upper) continue;
    const [first, last] = scale(lower, upper);
    const previous = runs.at(-1);
    // Space partitions repeat a range.
    const same = previous?.lower === lower && previous.upper === upper;
    const narrow =
      previous &&
      previous.compressed === compressed &&
      last - first < NARROW &&
      previous.at + previous.cells >= first;
    if (previous && (same || narrow)) {
      previous.upper = upper > previous.upper ? upper : previous.upper;
      previous.cells = Math.max(previous.cells, last - previous.at + 1);
      previous.count += 1;
      previous.compressed ||= compressed;
    } else runs.push({ at: first, cells: last - first + 1, lower, upper, count: 1, compressed });
  }
  return runs;
}

/** The first and the last cell that `[lower, upper)` touches. */
function scaleOf(span: Interval): (lower: bigint, upper: bigint) => [number, number] {
  const width = span.upper > span.lower ? span.upper - span.lower : 1n;
  const cellOf = (ticks: bigint): number => {
    const cell = Number(((ticks - span.lower) * BigInt(STRIP_CELLS)) / width);
    return Math.min(STRIP_CELLS - 1, Math.max(0, cell));
  };
  return (lower, upper) => [cellOf(lower), Math.max(cellOf(lower), cellOf(upper - 1n))];
}

/** Chunks at either end of time have bounds that the kind cannot write. */
function clamp(kind: CursorKind, ticks: bigint): bigint {
  const [lowest, highest] = rangeOfKind(kind);
  return ticks < lowest ? lowest : ticks > highest ? highest : ticks;
}
