import { partitionName } from '../../src/destination/partition-name';
import { type CursorKind, parseCursorValue } from '../../src/plan/cursor-value';

const name = (kind: CursorKind, value: string, table = 't') =>
  partitionName(table, kind, parseCursorValue(kind, value));

test.each<[CursorKind, string, string]>([
  ['timestamptz', '2024-03-01 00:00:00+00', 't_p20240301'],
  ['timestamptz', '2024-03-01 06:00:00+00', 't_p20240301_060000'],
  ['timestamp', '2024-03-01 06:00:00.5', 't_p20240301_060000_5'],
  ['date', '0044-03-15 BC', 't_p00440315_bc'],
  ['bigint', '-5', 't_pm5'],
  ['bigint', '5', 't_p5'],
])('of %s %s', (kind, value, expected) => {
  expect(name(kind, value)).toBe(expected);
});

test('fits, and tells long names of tables apart', () => {
  const [one, other] = ['a', 'b'].map((end) => name('date', '2024-03-01', `${'ü'.repeat(31)}${end}`));
  expect(Buffer.byteLength(one ?? '')).toBeLessThanOrEqual(63);
  expect(one).not.toBe(other);
});
