import { closedAt, opensIn } from '../../src/plan/hours';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (text: string): number => new Date(text).getTime();
const night = { from: '22:00', to: '06:00', timeZone: 'UTC' };
const berlin = { from: '02:15', to: '02:45', timeZone: 'Europe/Berlin' };

describe('how long until the hours begin', () => {
  it.each([
    ['before midnight', night, '2026-03-10T22:00:00Z', 0],
    ['after midnight', night, '2026-03-10T05:59:59.999Z', 0],
    ['at the end', night, '2026-03-10T06:00:00Z', 16 * HOUR],
    ['a moment before', night, '2026-03-10T21:59:59.999Z', 1],
    ['by day', { from: '08:00', to: '17:30', timeZone: 'UTC' }, '2026-03-10T17:29:59Z', 0],
    ['after a day', { from: '08:00', to: '17:30', timeZone: 'UTC' }, '2026-03-10T17:30:00Z', 14.5 * HOUR],
    ['at midnight', { from: '00:00', to: '01:00', timeZone: 'UTC' }, '2026-03-10T23:00:00Z', HOUR],
    [
      'in another zone',
      { from: '22:00', to: '06:00', timeZone: 'Asia/Kathmandu' },
      '2026-03-10T16:00:00Z',
      15 * MINUTE,
    ],
    // The clock goes from 2 to 3 at 01:00 UTC on 29 March, and from 3 to 2 at 01:00 UTC on 25 October.
    ['in winter', berlin, '2026-03-28T01:00:00Z', 15 * MINUTE],
    [
      'where the clock passes over all of them: the day after',
      berlin,
      '2026-03-29T00:50:00Z',
      23 * HOUR + 25 * MINUTE,
    ],
    ['where it passes over their beginning', { ...berlin, to: '04:00' }, '2026-03-29T00:50:00Z', 10 * MINUTE],
    ['where the day is short', { ...night, timeZone: 'Europe/Berlin' }, '2026-03-29T05:00:00Z', 15 * HOUR],
    ['before they come for the first time', berlin, '2026-10-25T00:00:00Z', 15 * MINUTE],
    ['before they come again', berlin, '2026-10-25T00:50:00Z', 25 * MINUTE],
    ['after both', berlin, '2026-10-25T01:45:00Z', 23.5 * HOUR],
  ])('%s', (_, hours, instant, expected) => {
    expect(opensIn(hours, at(instant))).toBe(expected);
    expect(opensIn(hours, at(instant) + expected)).toBe(0);
  });
});

it('says when, outside them', () => {
  expect(closedAt(night, at('2026-03-10T23:00:00Z'))).toBeUndefined();
  expect(closedAt(night, at('2026-03-10T21:00:00Z'))).toEqual({
    closed: { opensInMs: HOUR, opens: '22:00 UTC' },
  });
});
