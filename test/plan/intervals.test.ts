import * as fc from 'fast-check';
import {
  cutEvenly,
  type IntervalProgress,
  joinNeighbours,
  subtract,
  thin,
  tile,
  without,
} from '../../src/plan/intervals';
import { MOST_INTERVALS, planIntervals, stretchToRead } from '../../src/plan/plan-intervals';
import { between, covered, uncopied } from '../support/ticks';

const tick = fc.bigInt(-1000n, 1000n);
const interval = between(tick);

describe('tiling', () => {
  it('covers an interval without gap or overlap, and ends at the cuts', () => {
    fc.assert(
      fc.property(interval, fc.array(tick), (whole, cuts) => {
        const tiles = tile(whole, cuts);
        expect(covered(tiles)).toEqual(covered([whole]));
        const inside = new Set(cuts.filter((cut) => cut > whole.lower && cut < whole.upper));
        expect(tiles.length).toBe(whole.lower < whole.upper ? inside.size + 1 : 0);
      }),
    );
  });

  it('cuts evenly within the interval', () => {
    fc.assert(
      fc.property(interval, fc.integer({ min: 1, max: 50 }), (whole, pieces) => {
        const cuts = cutEvenly(whole, pieces);
        const tiles = tile(whole, cuts);
        // What is counted between two cuts is told by their number.
        expect(tiles.length).toBe(whole.lower < whole.upper ? cuts.length + 1 : 0);
        expect(covered(tiles)).toEqual(covered([whole]));
        const widths = tiles.map(({ lower, upper }) => upper - lower);
        expect(
          widths.every((width) => width - (widths[0] ?? 0n) <= 1n && (widths[0] ?? 0n) - width <= 1n),
        ).toBe(true);
      }),
    );
  });

  it('keeps a plan of ten thousand chunks small', () => {
    const cuts = Array.from({ length: 10_001 }, (_, index) => BigInt(index));
    const kept = thin(cuts, MOST_INTERVALS);
    expect(kept.length).toBe(MOST_INTERVALS);
    expect(new Set(kept).size).toBe(kept.length);
    const plan = planIntervals({
      unfinished: [],
      planned: undefined,
      start: 0n,
      lookback: 0n,
      horizon: 10_000n,
      cuts,
    });
    expect(plan.length).toBeLessThanOrEqual(MOST_INTERVALS + 1);
    expect(covered(uncopied(plan)).size).toBe(10_000);
  });
});

/** A history of runs as a table would see it: each plans, copies some of it, and is cut short or not. */
const run = fc.record({
  advance: fc.bigInt(-20n, 60n),
  cuts: fc.array(tick, { maxLength: 5 }),
  copied: fc.array(fc.nat(12), { maxLength: 12 }),
});

describe('joining', () => {
  it('keeps a plan small however many runs were cut short, and covers the same', () => {
    const one = { lower: 0n, upper: 1n, position: 0n, rewrite: false };
    const many = Array.from({ length: 900 }, (_, i) => ({
      ...one,
      lower: BigInt(i),
      upper: BigInt(i + 1),
      position: BigInt(i),
    }));
    const begun = { lower: 900n, upper: 950n, position: 910n, rewrite: false };
    const apart = { ...one, lower: 951n, upper: 952n, position: 951n };
    const joined = joinNeighbours([...many, begun, apart], 100);
    expect(joined.length).toBeLessThanOrEqual(100);
    expect(covered(uncopied(joined))).toEqual(covered(uncopied([...many, begun, apart])));
    expect(joined).toContainEqual(begun);
    expect(joinNeighbours(many, 900)).toBe(many);
  });
});

describe('planning', () => {
  it('never leaves a tick uncopied, and never plans one twice, however runs are cut short', () => {
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), fc.bigInt(0n, 15n), (runs, lookback) => {
        const start = -50n;
        let planned: bigint | undefined;
        let unfinished: IntervalProgress[] = [];
        const copied = new Set<bigint>();
        for (const { advance, cuts, copied: steps } of runs) {
          const horizon = (planned ?? start) + advance;
          const bounds = { planned, start, lookback, horizon };
          const plan = planIntervals({ ...bounds, unfinished, cuts });
          const stretch = stretchToRead(bounds);
          // Everything below the horizon is either copied before, or planned now, exactly once.
          const todo = covered(uncopied(plan));
          for (let at = start; at < stretch.upper; at += 1n)
            expect(todo.has(at) || copied.has(at)).toBe(true);
          // The lookback is read again as a whole.
          for (let at = stretch.lower; at < stretch.upper; at += 1n) expect(todo.has(at)).toBe(true);
          planned = stretch.upper > start ? stretch.upper : planned;
          unfinished = plan.map((one, index) => {
            const to = one.position + BigInt(steps[index] ?? 0);
            const position = to < one.upper ? to : one.upper;
            for (let at = one.position; at < position; at += 1n) copied.add(at);
            return { ...one, position };
          });
        }
      }),
    );
  });

  it('never takes the horizon back when the source clock falls behind', () => {
    expect(stretchToRead({ planned: 100n, start: 0n, lookback: 10n, horizon: 50n })).toEqual({
      lower: 90n,
      upper: 100n,
    });
  });
});

describe('taking a range out', () => {
  it('leaves exactly what is uncopied outside it', () => {
    const progress = fc.tuple(interval, fc.bigInt(0n, 2000n)).map(([{ lower, upper }, step]) => {
      const position = lower + step < upper ? lower + step : upper;
      return { lower, upper, position, rewrite: false };
    });
    fc.assert(
      fc.property(progress, interval, (one, hole) => {
        const rest = subtract([one], hole).filter(({ position, upper }) => position < upper);
        const expected = [...covered(uncopied([one]))].filter((at) => at < hole.lower || at >= hole.upper);
        expect([...covered(uncopied(rest))].sort()).toEqual(expected.sort());
      }),
    );
  });
});

test('without leaves what no hole covers', () => {
  const stretches = [
    { lower: 0n, upper: 10n },
    { lower: 20n, upper: 30n },
  ];
  const holes = [
    { lower: -5n, upper: 2n },
    { lower: 4n, upper: 6n },
    { lower: 8n, upper: 25n },
  ];
  expect(without(stretches, holes)).toEqual([
    { lower: 2n, upper: 4n },
    { lower: 6n, upper: 8n },
    { lower: 25n, upper: 30n },
  ]);
  expect(without(stretches, [])).toEqual(stretches);
});
