import { type CursorKind, parseCursorValue } from './cursor-value';
import type { Interval } from './intervals';
import type { Difference, Portion } from './reconcile-wire';

/** Neighbouring stretches that one activity compares. In ticks. */
export interface TickPortion extends Interval {
  cuts: bigint[];
  archive: boolean;
}

/** Groups stretches, sorted, into portions of at most `most` that touch and are of one kind. */
export function toPortions(
  stretches: readonly (Interval & { archive: boolean })[],
  most: number,
): TickPortion[] {
  const portions: TickPortion[] = [];
  for (const { lower, upper, archive } of stretches) {
    const last = portions.at(-1);
    if (last?.upper === lower && last.archive === archive && last.cuts.length + 1 < most) {
      last.cuts.push(lower);
      last.upper = upper;
    } else portions.push({ lower, upper, archive, cuts: [] });
  }
  return portions;
}

/** About this many rows are hashed by one activity. */
const ROWS_PER_PORTION = 2_000_000;
const MOST_STRETCHES = 256;

/** How many stretches make a portion, by how many rows they hold on average. */
export function stretchesPerPortion(rows: number, stretches: number): number {
  const each = Math.max(1, rows / Math.max(1, stretches));
  return Math.max(1, Math.min(MOST_STRETCHES, Math.floor(ROWS_PER_PORTION / each)));
}

/** What of the portions lies in the differences, which may have been joined over stretches that are not compared. */
export function portionsWithin(kind: CursorKind, differences: Difference[], portions: Portion[]): Portion[] {
  const ticks = ({ lower, upper }: { lower: string; upper: string }): Interval => ({
    lower: parseCursorValue(kind, lower),
    upper: parseCursorValue(kind, upper),
  });
  const placed = portions.map((portion) => ({ portion, ...ticks(portion) }));
  return differences.flatMap((difference) => {
    const { lower, upper } = ticks(difference);
    return placed
      .filter((one) => one.lower < upper && one.upper > lower)
      .map((one) => ({
        lower: one.lower > lower ? one.portion.lower : difference.lower,
        upper: one.upper < upper ? one.portion.upper : difference.upper,
        cuts: [],
        ...(one.portion.archive && { archive: true as const }),
      }));
  });
}
