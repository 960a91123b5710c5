import { parseCursorValue } from '../../src/plan/cursor-value';
import { STRIP_CELLS, type StretchState } from '../../src/ui/snapshot';
import { drawStrip, type StripInput } from '../../src/ui/strip';

const HOUR = 3_600_000_000n;
const start = parseCursorValue('timestamptz', '2026-01-01 00:00:00+00');
const at = (hours: number): bigint => start + BigInt(hours) * HOUR;
const stretch = (from: number, to: number, state: StretchState) => ({
  lower: at(from),
  upper: at(to),
  state,
});
const draw = (input: Partial<StripInput>) =>
  drawStrip({
    kind: 'timestamptz',
    span: { lower: at(0), upper: at(1000) },
    watermark: null,
    stretches: [],
    chunks: [],
    ...input,
  });

test('neighbours of one state are one, and keep how many there were, and their bounds', () => {
  const strip = draw({
    stretches: [stretch(500, 750, 'copied'), stretch(0, 500, 'copied'), stretch(800, 1000, 'waiting')],
    watermark: at(750),
  });
  expect(strip).toMatchObject({ from: '2026-01-01 00:00:00+00', watermark: 750 });
  expect(strip.stretches).toEqual([
    {
      ...{ state: 'copied', at: 0, cells: 750, count: 2 },
      ...{ from: '2026-01-01 00:00:00+00', to: '2026-02-01 06:00:00+00' },
    },
    {
      ...{ state: 'waiting', at: 800, cells: 200, count: 1 },
      ...{ from: '2026-02-03 08:00:00+00', to: '2026-02-11 16:00:00+00' },
    },
  ]);
});

test('a single microsecond that differs shows among years that are copied', () => {
  const tick = { lower: at(333), upper: at(333) + 1n, state: 'differing' as const };
  const { stretches } = draw({ stretches: [tick, stretch(0, 1000, 'copied')] });
  expect(stretches.map(({ state, at: cell, cells }) => [state, cell, cells])).toEqual([
    ['copied', 0, 333],
    ['differing', 333, 1],
    ['copied', 334, 666],
  ]);
  // Nothing is said to lie where another state shows.
  expect(stretches.map(({ from }) => from).slice(1)).toEqual(stretches.map(({ to }) => to).slice(0, -1));
});

test('ten thousand intervals and chunks become no more elements than can be seen', () => {
  const width = HOUR / 10n;
  const pieces = Array.from({ length: 10_000 }, (_, i) => ({
    lower: at(0) + BigInt(i) * width,
    upper: at(0) + BigInt(i + 1) * width,
    state: i % 2 ? ('copied' as const) : ('waiting' as const),
    compressed: i < 5_000,
  }));
  const { stretches, chunks } = draw({ stretches: pieces, chunks: pieces });
  expect(stretches.length).toBeLessThanOrEqual(STRIP_CELLS);
  expect(chunks.map(({ count, compressed }) => [count, compressed])).toEqual([
    [5_000, true],
    [5_000, false],
  ]);
});

test('wide chunks are told apart; those of space partitions are one', () => {
  const chunk = (from: number, to: number) => ({ lower: at(from), upper: at(to), compressed: false });
  const { chunks } = draw({ chunks: [chunk(0, 100), chunk(0, 100), chunk(100, 200), chunk(-50, 0)] });
  expect(chunks.map(({ at: cell, cells, count }) => [cell, cells, count])).toEqual([
    [0, 100, 2],
    [100, 100, 1],
  ]);
});

test('a chunk that reaches to the end of time has bounds that can be written', () => {
  const endless = { lower: parseCursorValue('bigint', '5'), upper: 2n ** 63n, compressed: false };
  const { chunks } = draw({ kind: 'bigint', span: { lower: 0n, upper: 10n }, chunks: [endless] });
  expect(chunks).toMatchObject([{ from: '5', to: '9223372036854775807', at: 500, cells: 500 }]);
});
