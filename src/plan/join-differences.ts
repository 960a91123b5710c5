import { type CursorKind, parseCursorValue } from './cursor-value';
import type { Difference } from './reconcile-wire';

/** Differences in order, those that touch joined; and the nearest neighbours too, until there are at most `most`. */
export function joinDifferences(kind: CursorKind, differences: Difference[], most: number): Difference[] {
  const ticks = (bound: string): bigint => parseCursorValue(kind, bound);
  const sorted = [...differences].sort((a, b) => (ticks(a.lower) < ticks(b.lower) ? -1 : 1));
  const touching = joinWhere(sorted, (last, next) => last.upper === next.lower);
  if (touching.length <= most) return touching;
  const gaps = touching
    .slice(1)
    .map((next, i) => ticks(next.lower) - ticks(touching[i]?.upper ?? next.lower));
  const widest = [...gaps].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[touching.length - most - 1] ?? 0n;
  return joinWhere(touching, (last, next) => ticks(next.lower) - ticks(last.upper) <= widest);
}

function joinWhere(
  differences: Difference[],
  together: (last: Difference, next: Difference) => boolean,
): Difference[] {
  const joined: Difference[] = [];
  for (const next of differences) {
    const last = joined.at(-1);
    if (last && last.archive === next.archive && together(last, next)) {
      joined[joined.length - 1] = {
        ...last,
        upper: next.upper,
        missing: last.missing + next.missing,
        extra: last.extra + next.extra,
        different: last.different + next.different,
      };
    } else joined.push(next);
  }
  return joined;
}
