import * as fc from 'fast-check';
import { coveredParts, markStretches } from '../../src/plan/chunk-stretches';
import { compareHashes } from '../../src/plan/compare-hashes';
import type { Interval } from '../../src/plan/intervals';
import { joinDifferences } from '../../src/plan/join-differences';
import { planIntervals } from '../../src/plan/plan-intervals';
import { portionsWithin, stretchesPerPortion, toPortions } from '../../src/plan/portions';
import type { Difference } from '../../src/plan/reconcile-wire';

const tick = fc.bigInt(0n, 300n);
const interval = fc
  .tuple(tick, fc.bigInt(1n, 40n))
  .map(([lower, width]) => ({ lower, upper: lower + width }));

/** Intervals in order, without overlap; some touch. */
const apart = fc.array(fc.tuple(fc.bigInt(0n, 3n), fc.bigInt(1n, 10n)), { maxLength: 40 }).map((steps) => {
  let at = 0n;
  return steps.map(([gap, width]) => {
    const lower = at + gap;
    at = lower + width;
    return { lower, upper: at };
  });
});

/** The ticks that intervals cover; throws where two of them cover the same. */
function covered(intervals: Interval[]): Set<bigint> {
  const ticks = new Set<bigint>();
  for (const { lower, upper } of intervals)
    for (let at = lower; at < upper; at += 1n) {
      if (ticks.has(at)) throw new Error(`${at} is covered twice`);
      ticks.add(at);
    }
  return ticks;
}

const inTicks = ({ lower, upper }: { lower: string; upper: string }): Interval => ({
  lower: BigInt(lower),
  upper: BigInt(upper),
});
const inText = ({ lower, upper }: Interval) => ({ lower: String(lower), upper: String(upper) });

describe('rows told apart by key and hash', () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3 }));
  const keyed = (rows: [number, number][]) =>
    rows.map(([key, hash]) => ({ key: [`k${key}`], hash: `${hash}` }));
  const keyless = (rows: [number, number][]) => rows.map(([, hash]) => ({ key: [], hash: `${hash}` }));

  it.each([keyed, keyless])(
    'are as many as there are, and none differs exactly where the multisets are equal',
    (as) => {
      fc.assert(
        fc.property(fc.array(row), fc.array(row), (source, destination) => {
          const [there, here] = [as(source), as(destination)];
          const { missing, extra, different } = compareHashes(there, here);
          expect(there.length - missing).toBe(here.length - extra.length);
          const sorted = (rows: typeof there) => rows.map((one) => JSON.stringify(one)).sort();
          const equal = JSON.stringify(sorted(there)) === JSON.stringify(sorted(here));
          expect(missing + extra.length + different === 0).toBe(equal);
          expect(missing + different).toBeLessThanOrEqual(there.length);
          // Exchanged, what was missing is extra.
          expect(compareHashes(here, there)).toMatchObject({ missing: extra.length, different });
        }),
      );
    },
  );

  it('a changed row is one that differs; keys that begin alike are not mixed up', () => {
    const there = [
      { key: ['a', 'b'], hash: '1' },
      { key: ['a","b'], hash: '2' },
    ];
    const here = [
      { key: ['a', 'b'], hash: '3' },
      { key: ['a', null], hash: '2' },
    ];
    expect(compareHashes(there, here)).toEqual({ missing: 1, extra: [['a', null]], different: 1 });
  });

  it('takes no longer for many rows that are the same', () => {
    const many = (hash: string) => Array.from({ length: 300_000 }, () => ({ key: [], hash }));
    const distinct = Array.from({ length: 300_000 }, (_, i) => ({ key: [], hash: String(i) }));
    const timed = (compare: () => { missing: number }, missing: number): number => {
      const before = performance.now();
      expect(compare().missing).toBe(missing);
      return performance.now() - before;
    };
    const apart = timed(() => compareHashes([...many('a'), ...distinct], distinct), 300_000);
    const same = timed(() => compareHashes([...many('a'), ...many('b')], many('b')), 300_000);
    expect(same).toBeLessThan(20 * apart);
  });
});

describe('differences', () => {
  const differences = fc
    .tuple(apart, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }))
    .map(([intervals, archive]) =>
      intervals.map((one, index): Difference => ({
        ...inText(one),
        ...{ missing: 1, extra: 2, different: 3 },
        ...(archive[index] && { archive: true }),
      })),
    );

  it('that are joined cover the same and more, count the same, and are few', () => {
    fc.assert(
      fc.property(differences, fc.integer({ min: 1, max: 10 }), (list, most) => {
        const joined = joinDifferences('bigint', [...list].reverse(), most);
        const ticks = covered(joined.map(inTicks));
        for (const at of covered(list.map(inTicks))) expect(ticks.has(at)).toBe(true);
        const sum = (all: Difference[], what: 'missing' | 'extra' | 'different') =>
          all.reduce((total, one) => total + one[what], 0);
        for (const what of ['missing', 'extra', 'different'] as const)
          expect(sum(joined, what)).toBe(sum(list, what));
        const kinds = joined.filter((one, i) => i > 0 && one.archive !== joined[i - 1]?.archive).length;
        expect(joined.length).toBeLessThanOrEqual(most + kinds);
        const inOrder = joined.map(({ lower }) => BigInt(lower));
        expect([...inOrder].sort((a, b) => (a < b ? -1 : 1))).toEqual(inOrder);
      }),
    );
  });

  it('are not joined over a wall', () => {
    const list = [0n, 10n, 20n, 30n].map((lower) => ({
      ...inText({ lower, upper: lower + 2n }),
      ...{ missing: 1, extra: 0, different: 0 },
    }));
    expect(joinDifferences('bigint', list, 1).map(({ lower }) => lower)).toEqual(['0']);
    const wall = [{ lower: 14n, upper: 15n }];
    expect(joinDifferences('bigint', list, 1, wall).map(({ lower }) => lower)).toEqual(['0', '20']);
  });

  it('are compared again where portions are, and nowhere else', () => {
    fc.assert(
      fc.property(apart, apart, (whole, differing) => {
        const portions = whole.map((one) => ({ ...inText(one), cuts: [] }));
        const list = differing.map((one) => ({ ...inText(one), missing: 1, extra: 0, different: 0 }));
        const both = covered(portionsWithin('bigint', list, portions).map(inTicks));
        const [inPortions, inDifferences] = [covered(whole), covered(differing)];
        expect(both).toEqual(new Set([...inPortions].filter((at) => inDifferences.has(at))));
      }),
    );
  });
});

describe('stretches', () => {
  it('of chunks that overlap are apart, cover the same, and are marked where a marked chunk is', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(interval, fc.boolean()), { maxLength: 30 }), (drawn) => {
        const chunks = drawn.map(([one, marked]) => ({ ...one, isMarked: marked }));
        const stretches = markStretches(chunks, (chunk) => chunk.isMarked);
        const ticks = covered(stretches);
        const marked = covered(stretches.filter((stretch) => stretch.marked));
        for (const { lower, upper, isMarked } of chunks)
          for (let at = lower; at < upper; at += 1n) {
            expect(ticks.has(at)).toBe(true);
            if (isMarked) expect(marked.has(at)).toBe(true);
          }
        for (const at of ticks)
          expect(chunks.some(({ lower, upper }) => at >= lower && at < upper)).toBe(true);
      }),
    );
  });

  it('become portions that cover them, and nothing else, of one kind each', () => {
    fc.assert(
      fc.property(
        apart,
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (whole, archive, most) => {
          const stretches = whole.map((one, index) => ({ ...one, archive: archive[index] ?? false }));
          const portions = toPortions(stretches, most);
          expect(covered(portions)).toEqual(covered(whole));
          expect(portions.reduce((sum, { cuts }) => sum + cuts.length + 1, 0)).toBe(stretches.length);
          for (const { lower, upper, cuts, archive: kind } of portions) {
            expect(cuts.length).toBeLessThan(most);
            const inside = stretches.filter((one) => one.lower >= lower && one.upper <= upper);
            expect(inside.slice(1).map((one) => one.lower)).toEqual(cuts);
            expect(new Set(inside.map((one) => one.archive))).toEqual(new Set([kind]));
          }
        },
      ),
    );
  });

  it('clipped to an interval are its part of them', () => {
    fc.assert(
      fc.property(interval, apart, (whole, stretches) => {
        const inside = covered([whole]);
        expect(covered(coveredParts(whole, stretches))).toEqual(
          new Set([...covered(stretches)].filter((at) => inside.has(at))),
        );
      }),
    );
  });

  it('make portions of some million rows, and of not too many stretches', () => {
    expect([
      stretchesPerPortion(0, 0),
      stretchesPerPortion(1e10, 100),
      stretchesPerPortion(1e6, 1e5),
    ]).toEqual([256, 1, 256]);
  });
});

it('intervals copied again are copied once, and take nothing from what a run has to copy', () => {
  const bounds = fc.record({
    start: fc.constant(0n),
    planned: fc.bigInt(100n, 200n),
    horizon: fc.bigInt(200n, 300n),
    lookback: fc.bigInt(0n, 50n),
  });
  fc.assert(
    fc.property(bounds, apart, apart, fc.array(tick), (state, unfinished, differing, cuts) => {
      const below = (list: Interval[]) => list.filter(({ upper }) => upper <= state.planned);
      const copied = (list: Interval[], rewrite: boolean) =>
        list.map((one) => ({ ...one, position: one.lower, rewrite }));
      const base = { ...state, cuts, unfinished: copied(below(unfinished), false) };
      const again = copied(below(differing), true);
      const planned = planIntervals({ ...base, again });
      const ticks = covered(planned);
      expect(ticks).toEqual(new Set([...covered(planIntervals(base)), ...covered(again)]));
      expect(planned.filter(({ rewrite }) => rewrite)).toEqual(again);
    }),
  );
});
