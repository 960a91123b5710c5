import * as fc from 'fast-check';
import type { Interval, IntervalProgress } from '../../src/plan/intervals';

/** Intervals between two ticks each, in order; empty ones among them. */
export const between = (tick: fc.Arbitrary<bigint>): fc.Arbitrary<Interval> =>
  fc.tuple(tick, tick).map(([a, b]) => ({ lower: a < b ? a : b, upper: a < b ? b : a }));

/** The ticks that a list of intervals covers; throws where two of them cover the same. */
export function covered(intervals: Interval[]): Set<bigint> {
  const ticks = new Set<bigint>();
  for (const { lower, upper } of intervals) {
    for (let at = lower; at < upper; at += 1n) {
      if (ticks.has(at)) throw new Error(`${at} is covered twice`);
      ticks.add(at);
    }
  }
  return ticks;
}

export const uncopied = (list: IntervalProgress[]): Interval[] =>
  list.map(({ position, upper }) => ({ lower: position, upper }));
