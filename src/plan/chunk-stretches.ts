import type { Interval } from './intervals';

/** A stretch of the cursor column that one chunk covers, or several where space is partitioned. */
export interface Stretch extends Interval {
  /** Some chunk of it is compressed. */
  compressed: boolean;
}

/** Chunks as sorted stretches without overlap: space partitions repeat ranges, or overlap in part. */
export function toStretches(chunks: readonly Stretch[]): Stretch[] {
  return markStretches(chunks, ({ compressed }) => compressed).map(({ marked, ...stretch }) => ({
    ...stretch,
    compressed: marked,
  }));
}

/** The same, each marked where one of its chunks is. */
export function markStretches<T extends Interval>(
  chunks: readonly T[],
  isMarked: (chunk: T) => boolean,
): (Interval & { marked: boolean })[] {
  const stretches: (Interval & { marked: boolean })[] = [];
  for (const chunk of [...chunks].sort(byBounds)) {
    const { lower, upper } = chunk;
    const marked = isMarked(chunk);
    const last = stretches.at(-1);
    if (!last || lower >= last.upper) {
      stretches.push({ lower, upper, marked });
      continue;
    }
    // Where ranges overlap in part the chunk may reach back over several.
    if (marked) {
      for (let i = stretches.length - 1; i >= 0; i--) {
        const earlier = stretches[i];
        if (!earlier || earlier.upper <= lower) break;
        if (earlier.lower < upper) earlier.marked = true;
      }
    }
    if (upper > last.upper) stretches.push({ lower: last.upper, upper, marked });
  }
  return stretches;
}

/** The parts of an interval that some stretch covers, neighbours joined. */
export function coveredParts(interval: Interval, stretches: readonly Interval[]): Interval[] {
  const parts: Interval[] = [];
  for (const stretch of stretches) {
    const lower = stretch.lower > interval.lower ? stretch.lower : interval.lower;
    const upper = stretch.upper < interval.upper ? stretch.upper : interval.upper;
    if (lower >= upper) continue;
    const last = parts.at(-1);
    if (last?.upper === lower) last.upper = upper;
    else parts.push({ lower, upper });
  }
  return parts;
}

function byBounds(a: Interval, b: Interval): number {
  if (a.lower !== b.lower) return a.lower < b.lower ? -1 : 1;
  return a.upper < b.upper ? -1 : 1;
}
