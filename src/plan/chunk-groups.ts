import type { Interval } from './intervals';

/**
 * How many chunks one query may look into where it could look into all of them: it locks each of them and each of their
 * indexes, and a server whose max_locks_per_transaction was never raised has room for 6,400 locks in all.
 */
const MOST_CHUNKS = 50;

/** The parts of an interval in which there are chunks, in order, each with no more of them than a query may look into. */
export function groupStretches({ lower, upper }: Interval, stretches: readonly Interval[]): Interval[] {
  const within = stretches.filter((stretch) => stretch.lower < upper && stretch.upper > lower);
  const groups: Interval[] = [];
  for (let index = 0; index < within.length; index += MOST_CHUNKS) {
    const first = within[index]?.lower ?? lower;
    const last = within[Math.min(index + MOST_CHUNKS, within.length) - 1]?.upper ?? upper;
    groups.push({ lower: first > lower ? first : lower, upper: last < upper ? last : upper });
  }
  return groups;
}
