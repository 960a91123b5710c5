import type { Interval } from './intervals';

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
