import { type CursorKind, parseCursorValue } from './cursor-value';
import type { WireInterval } from './wire';

/**
 * Which part of a run's intervals has been copied, from 0 to 1. Each interval weighs the same, since chunks hold about
 * as many rows each; within one, by how far its position has come.
 */
export function partDone(kind: CursorKind, unfinished: WireInterval[], finished: number): number {
  const total = unfinished.length + finished;
  if (total === 0) return 1;
  const parts = unfinished.map(({ lower, upper, position }) => {
    const [from = 0n, to = 0n, at = 0n] = [lower, upper, position].map((bound) =>
      parseCursorValue(kind, bound),
    );
    return to > from ? Number(((at - from) * 10_000n) / (to - from)) / 10_000 : 1;
  });
  return (finished + parts.reduce((sum, part) => sum + part, 0)) / total;
}
