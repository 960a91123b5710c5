import { type CursorKind, parseCursorValue } from './cursor-value';
import type { Interval } from './intervals';
import type { Difference } from './reconcile-wire';

/** A difference and its bounds in ticks. */
type Placed = Interval & { difference: Difference };

/**
 * Differences in order, those that touch joined; and the nearest neighbours too, until there are at most `most`, but
 * never over one of `walls`, whose rows a repair must not touch.
 */
export function joinDifferences(
  kind: CursorKind,
  differences: Difference[],
  most: number,
  walls: Interval[] = [],
): Difference[] {
  const placed = differences.map((difference) => ({
    difference,
    lower: parseCursorValue(kind, difference.lower),
    upper: parseCursorValue(kind, difference.upper),
  }));
  placed.sort((a, b) => (a.lower < b.lower ? -1 : a.lower > b.lower ? 1 : 0));
  const touching = joinWhere(placed, (last, next) => last.upper === next.lower);
  if (touching.length <= most) return touching.map(({ difference }) => difference);
  const gaps = touching.slice(1).map((next, i) => next.lower - (touching[i]?.upper ?? next.lower));
  const widest = [...gaps].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[touching.length - most - 1] ?? 0n;
  const walled = (last: Interval, next: Interval): boolean =>
    walls.some(({ lower, upper }) => lower < next.lower && upper > last.upper);
  return joinWhere(touching, (last, next) => next.lower - last.upper <= widest && !walled(last, next)).map(
    ({ difference }) => difference,
  );
}

function joinWhere(placed: Placed[], together: (last: Interval, next: Interval) => boolean): Placed[] {
  const joined: Placed[] = [];
  for (const next of placed) {
    const last = joined.at(-1);
    const [before, after] = [last?.difference, next.difference];
    if (last && before && before.archive === after.archive && together(last, next)) {
      joined[joined.length - 1] = {
        lower: last.lower,
        upper: next.upper,
        difference: {
          ...before,
          upper: after.upper,
          missing: before.missing + after.missing,
          extra: before.extra + after.extra,
          different: before.different + after.different,
        },
      };
    } else joined.push(next);
  }
  return joined;
}
