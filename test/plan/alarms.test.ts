import { type Observation, weighHealth, type WatchedTables } from '../../src/plan/alarms';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const HOUR = 3_600_000;
const copied = (watermark: string | null): Observation => ({ table: 't', health: 'copied', watermark });
const failed: Observation = { table: 't', health: 'failed', watermark: null, message: 'no such column' };
const known = (health: WatchedTables[string]['health'], watermark: string | null): WatchedTables => ({
  t: { health, watermark },
});

it('says nothing of a table that is well, and looks again when it would lag', () => {
  expect(weighHealth({}, [copied('2026-11-24 11:30:00.5+00')], NOW, HOUR)).toEqual({
    tables: known('copied', '2026-11-24 11:30:00.5+00'),
    alarms: [],
    nextLookMs: HOUR / 2 + 1,
  });
  expect(weighHealth({}, [copied('2026-11-24 11:30:00+00')], NOW, undefined)).not.toHaveProperty(
    'nextLookMs',
  );
});

it('raises each change once, and keeps the watermark that a failure does not know', () => {
  const first = weighHealth(known('copied', '2026-11-24 11:59:00+00'), [failed], NOW, HOUR);
  expect(first.alarms).toEqual([
    { table: 't', health: 'failed', before: 'copied', message: 'no such column' },
  ]);
  expect(first.tables).toEqual(known('failed', '2026-11-24 11:59:00+00'));
  expect(weighHealth(first.tables, [failed], NOW, HOUR).alarms).toEqual([]);
  const back = weighHealth(first.tables, [copied('2026-11-24 12:00:00+00')], NOW, HOUR);
  expect(back.alarms).toMatchObject([{ health: 'copied', before: 'failed' }]);
});

it('a table lags by the passing of time alone, and recovers by being copied', () => {
  const late = weighHealth(known('copied', '2026-11-24 10:59:59+00'), [], NOW, HOUR);
  expect(late.alarms).toMatchObject([{ health: 'lagging', before: 'copied' }]);
  expect(late).not.toHaveProperty('nextLookMs');
  // Copied, and still behind, since something holds the horizon back.
  expect(weighHealth(late.tables, [copied('2026-11-24 10:59:59+00')], NOW, HOUR).alarms).toEqual([]);
  const back = weighHealth(late.tables, [copied('2026-11-24 12:00:00+00')], NOW, HOUR);
  expect(back.alarms).toMatchObject([{ health: 'copied', before: 'lagging' }]);
});

it('what failed does not lag besides', () => {
  expect(weighHealth(known('failed', '2026-11-20 00:00:00+00'), [], NOW, HOUR).alarms).toEqual([]);
});

it.each([
  ['a date', '2026-11-24', 12 * HOUR],
  ['a time without zone', '2026-11-24 11:00:00', HOUR],
  ['an integer', '4711', undefined],
  ['infinity', 'infinity', undefined],
  ['the last year', '294276-12-31 23:59:59.999999+00', undefined],
])('knows the lag of %s', (_, watermark, lag) => {
  const { nextLookMs } = weighHealth({}, [copied(watermark)], NOW, 24 * HOUR);
  expect(nextLookMs).toBe(lag === undefined ? undefined : 24 * HOUR - lag + 1);
});
