import * as fc from 'fast-check';
import { rowsPerBatch } from '../../src/plan/batch-size';
import { lanesWithin } from '../../src/plan/connections';
import { integerHorizon } from '../../src/plan/integer-horizon';

describe('rows per batch', () => {
  it('keep to both limits, and are never none', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (rows, bytes, width) => {
          const count = rowsPerBatch({ rows, bytes }, width);
          expect(count).toBeGreaterThanOrEqual(1);
          expect(count).toBeLessThanOrEqual(rows);
          if (count > 1) expect(count * Math.max(1, width)).toBeLessThanOrEqual(bytes);
        },
      ),
    );
  });
});

describe('lanes', () => {
  it('never take more connections than a side allows', () => {
    const small = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(small, small, small, fc.nat(100), (most, tables, intervals, count) => {
        const lanes = lanesWithin(most, { tables, intervals }, count);
        expect(lanes.tables * lanes.intervals).toBeLessThanOrEqual(most);
        expect(lanes.tables).toBeGreaterThanOrEqual(1);
        expect(lanes.intervals).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('the horizon of an integer column', () => {
  it('is one above the maximum, once every transaction that was open then has ended', () => {
    expect(integerHorizon([{ maximum: 10n, at: 100n }], undefined)).toBe(11n);
    expect(integerHorizon([{ maximum: 10n, at: 100n }], 101n)).toBe(11n);
    expect(integerHorizon([{ maximum: 10n, at: 100n }], 100n)).toBeUndefined();
    expect(integerHorizon([{ maximum: 10n, at: 100n }], 99n)).toBeUndefined();
  });

  it('is what an earlier run saw, while a newer transaction is open', () => {
    const observations = [
      { maximum: 10n, at: 100n },
      { maximum: 20n, at: 200n },
    ];
    expect(integerHorizon(observations, 150n)).toBe(11n);
    expect(integerHorizon(observations, 201n)).toBe(21n);
  });
});
