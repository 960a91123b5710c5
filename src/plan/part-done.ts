import { type CursorKind, parseCursorValue } from './cursor-value';
import type { WireInterval } from './wire';

/** An estimate is no proof that nothing is left. */
const MOST_BY_ESTIMATE = 0.99;

/**
 * Which part of a run's intervals has been copied, from 0 to 1. Each interval weighs the same, since chunks hold about
 * as many rows each; within one, by how far its position has come. An interval may begin long before its first row, so
 * that the rows copied may tell more, where it is known about how many there are.
 */
export function partDone(
  kind: CursorKind,
  unfinished: WireInterval[],
  finished: number,
  { rows, estimatedRows }: { rows: number; estimatedRows: number },
): number {
  const total = unfinished.length + finished;
  if (total === 0) return 1;
  const parts = unfinished.map(({ lower, upper, position }) => {
    const [from = 0n, to = 0n, at = 0n] = [lower, upper, position].map((bound) =>
      parseCursorValue(kind, bound),
    );
    return to > from ? Number(((at - from) * 10_000n) / (to - from)) / 10_000 : 1;
  });
  const ofIntervals = (finished + parts.reduce((sum, part) => sum + part, 0)) / total;
  const ofRows = estimatedRows > 0 ? Math.min(MOST_BY_ESTIMATE, rows / estimatedRows) : 0;
  return Math.max(ofIntervals, ofRows);
}
