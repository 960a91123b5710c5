/** A half-open stretch `[lower, upper)` of the cursor column, in ticks. */
export interface Interval {
  lower: bigint;
  upper: bigint;
}

/** An interval and how far it has been copied: `lower <= position <= upper`, and done when position is upper. */
export interface IntervalProgress extends Interval {
  position: bigint;
  /**
   * Bring the destination to what the source holds, deletes included: by deleting its rows first, or, in mode upsert, by
   * removing those whose key is gone, as the table's `deletes` says.
   */
  rewrite: boolean;
}

/** Intervals that cover `[lower, upper)` without gap or overlap, ending at the cuts that lie inside it. */
export function tile({ lower, upper }: Interval, cuts: Iterable<bigint>): Interval[] {
  if (lower >= upper) return [];
  const inside = [...new Set(cuts)].filter((cut) => cut > lower && cut < upper);
  inside.sort((a, b) => (a < b ? -1 : 1));
  return [lower, ...inside].map((from, index) => ({ lower: from, upper: inside[index] ?? upper }));
}

/** Cuts, each another, that part an interval into `pieces` of about the same width; fewer where it has fewer ticks. */
export function cutEvenly({ lower, upper }: Interval, pieces: number): bigint[] {
  const width = upper - lower;
  const cuts = Array.from({ length: Math.max(0, pieces - 1) }, (_, index) => {
    return lower + (width * BigInt(index + 1)) / BigInt(pieces);
  });
  return [...new Set(cuts)].filter((cut) => cut > lower && cut < upper);
}

/** At most `most` of the cuts, evenly chosen, so that a plan stays small in workflow history however many chunks there are. */
export function thin(cuts: bigint[], most: number): bigint[] {
  if (cuts.length <= most) return cuts;
  return Array.from({ length: most }, (_, index) => cuts[Math.floor((index * cuts.length) / most)] ?? 0n);
}

/**
 * Joins neighbours of which nothing is copied yet, two by two, until there are at most `most` intervals or nothing is
 * left to join: runs that are cut short again and again each leave some.
 */
export function joinNeighbours(intervals: IntervalProgress[], most: number): IntervalProgress[] {
  if (intervals.length <= most) return intervals;
  const sorted = [...intervals].sort((a, b) => (a.lower < b.lower ? -1 : 1));
  const joined: IntervalProgress[] = [];
  let mayJoin = false;
  for (const interval of sorted) {
    const last = joined.at(-1);
    const untouched = last?.position === last?.lower && interval.position === interval.lower;
    if (last && mayJoin && untouched && last.upper === interval.lower && last.rewrite === interval.rewrite) {
      joined[joined.length - 1] = { ...last, upper: interval.upper };
      mayJoin = false;
    } else {
      joined.push(interval);
      mayJoin = true;
    }
  }
  return joined.length < intervals.length ? joinNeighbours(joined, most) : joined;
}

/** What is left of the intervals once `hole` is taken out of their uncopied part. */
export function subtract(intervals: IntervalProgress[], hole: Interval): IntervalProgress[] {
  return intervals.flatMap((interval) => {
    if (interval.position >= hole.upper || interval.upper <= hole.lower) return [interval];
    const below = { ...interval, upper: hole.lower };
    const above = { ...interval, lower: hole.upper, position: hole.upper };
    return [below, above].filter(({ position, upper }) => position < upper);
  });
}

/** The parts of these stretches that none of the `holes` covers. */
export function without(stretches: Interval[], holes: Interval[]): Interval[] {
  return holes.reduce(
    (left, hole) =>
      left.flatMap(({ lower, upper }) => {
        if (lower >= hole.upper || upper <= hole.lower) return [{ lower, upper }];
        const parts = [
          { lower, upper: hole.lower },
          { lower: hole.upper, upper },
        ];
        return parts.filter((part) => part.lower < part.upper);
      }),
    stretches,
  );
}
