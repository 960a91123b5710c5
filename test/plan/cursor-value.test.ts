import * as fc from 'fast-check';
import {
  cursorKinds,
  durationInTicks,
  formatCursorValue,
  microsecondsToTicks,
  parseCursorValue,
  rangeOfKind,
  ticksToMicroseconds,
} from '../../src/plan/cursor-value';

describe('cursor values', () => {
  it.each(cursorKinds)('of kind %s come back from their text', (kind) => {
    const [lowest, highest] = rangeOfKind(kind);
    fc.assert(
      fc.property(fc.bigInt(lowest, highest), (ticks) => {
        expect(parseCursorValue(kind, formatCursorValue(kind, ticks))).toBe(ticks);
      }),
    );
  });

  it.each([
    ['timestamptz', '1970-01-01 00:00:00+00', 0n],
    ['timestamptz', '2024-02-29 12:34:56.000001+00', 1_709_210_096_000_001n],
    ['timestamptz', '1969-12-31 23:59:59.9+00', -100_000n],
    ['timestamp', '0001-01-01 00:00:00', -62_135_596_800_000_000n],
    ['timestamp', '4714-11-24 00:00:00 BC', -210_866_803_200_000_000n],
    ['timestamp', '294276-12-31 23:59:59.999999', 9_224_318_015_999_999_999n],
    ['date', '2000-03-01', 11_017n],
    ['date', '0001-12-31 BC', -719_163n],
    ['bigint', '-9223372036854775808', -(2n ** 63n)],
  ] as const)('%s %s is tick %s', (kind, text, ticks) => {
    expect(parseCursorValue(kind, text)).toBe(ticks);
    expect(formatCursorValue(kind, ticks)).toBe(text);
  });

  it.each(['infinity', '-infinity', '', 'now', '2024-01-01T00:00:00Z', '2024-01-01 00:00:00+02'])(
    'refuses %j, which is no position',
    (text) => {
      expect(() => parseCursorValue('timestamptz', text)).toThrow('not a timestamptz cursor value');
    },
  );

  it('rounds a lookback up to whole days for dates', () => {
    expect(durationInTicks('date', 1)).toBe(1n);
    expect(durationInTicks('date', 86_400_000)).toBe(1n);
    expect(durationInTicks('date', 86_400_001)).toBe(2n);
    expect(durationInTicks('timestamptz', 1.5)).toBe(1500n);
  });

  it('of a date are the day that microseconds lie in, also before 1970', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), (micros) => {
        const begins = ticksToMicroseconds('date', microsecondsToTicks('date', micros));
        expect(micros - begins).toBeGreaterThanOrEqual(0n);
        expect(micros - begins).toBeLessThan(86_400_000_000n);
        expect(microsecondsToTicks('timestamptz', micros)).toBe(micros);
      }),
    );
    expect(microsecondsToTicks('date', -1n)).toBe(-1n);
  });
});
