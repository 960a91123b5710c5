import * as fc from 'fast-check';
import { coveredParts } from '../../src/plan/chunk-stretches';
import { type IntervalProgress, subtract } from '../../src/plan/intervals';
import { planIntervals, stretchToRead } from '../../src/plan/plan-intervals';
import { plannedBefore, plannedBelow } from '../../src/plan/planned-before';
import type { TableSpec } from '../../src/plan/table-spec';
import { between, covered, uncopied } from '../support/ticks';

type Stored = Pick<TableSpec, 'cursor' | 'start' | 'plannedBelow'>;

const tick = fc.bigInt(-60n, 120n);
const interval = between(tick);

/** One run: where it starts, what was resynced before it, and how much of each interval it copies. */
const run = fc.record({
  start: tick,
  advance: fc.bigInt(-20n, 40n),
  resync: fc.option(interval, { nil: undefined }),
  cuts: fc.array(tick, { maxLength: 4 }),
  copied: fc.array(fc.nat(60), { maxLength: 12 }),
});

it('however the start moves, every tick from it on is copied, none again, and none beyond the horizon', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 2, maxLength: 8 }), fc.bigInt(0n, 30n), (runs, lookback) => {
      let stored: Stored | undefined;
      let planned: bigint | undefined;
      let unfinished: IntervalProgress[] = [];
      const done = new Set<bigint>();
      for (const { start, advance, resync, cuts, copied } of runs) {
        const before = stored && planned !== undefined ? plannedBefore(stored, planned) : [];
        if (resync) {
          const asked = { ...resync, lower: resync.lower > start ? resync.lower : start };
          for (const range of coveredParts(asked, before)) {
            unfinished = [...subtract(unfinished, range), { ...range, position: range.lower, rewrite: true }];
            for (let at = range.lower; at < range.upper; at += 1n) done.delete(at);
          }
        }
        const bounds = { planned, start, lookback, horizon: (planned ?? 0n) + advance };
        const stretch = stretchToRead(bounds);
        const plan = planIntervals({ ...bounds, unfinished, before, cuts });
        const left = covered(uncopied(unfinished));
        const todo = covered(uncopied(plan));
        const wanted = [...covered([{ lower: start, upper: stretch.upper }])];
        expect(wanted.filter((at) => !todo.has(at) && !done.has(at))).toEqual([]);
        expect([...todo].filter((at) => at >= stretch.upper || (at < start && !left.has(at)))).toEqual([]);
        // What the lookback reads again is left where the run is cut short.
        const mayRepeat = (at: bigint) => lookback > 0n && (at >= stretch.lower || left.has(at));
        expect([...todo].filter((at) => done.has(at) && !mayRepeat(at))).toEqual([]);
        const below = plannedBelow('bigint', before, start);
        stored = { cursor: { column: 'at', kind: 'bigint' }, start: String(start), plannedBelow: below };
        planned = stretch.upper;
        unfinished = plan.map((one, index) => {
          const to = one.position + BigInt(copied[index] ?? 60);
          const position = to < one.upper ? to : one.upper;
          for (let at = one.position; at < position; at += 1n) done.add(at);
          return { ...one, position };
        });
        if (unfinished.every(({ position, upper }) => position === upper)) unfinished = [];
      }
    }),
    { numRuns: 500 },
  );
});

it('what a checkpoint of before holds is from its start on, and grows by what touches it', () => {
  const cursor = { column: 'at', kind: 'bigint' as const };
  const old = plannedBefore({ cursor, start: '10' }, 50n);
  expect(old).toEqual([{ lower: 10n, upper: 50n }]);
  expect(plannedBelow('bigint', old, 10n)).toBeUndefined();
  expect(plannedBefore({ cursor, start: '60' }, 50n)).toEqual([]);
  const below = plannedBelow('bigint', old, 30n);
  expect(below).toEqual([{ lower: '10', upper: '30' }]);
  const later = plannedBefore({ cursor, start: '30', plannedBelow: below }, 70n);
  expect(plannedBelow('bigint', later, 60n)).toEqual([{ lower: '10', upper: '60' }]);
  expect(plannedBelow('bigint', later, 90n)).toEqual([{ lower: '10', upper: '70' }]);
});
