import { partDone } from '../../src/plan/part-done';

const interval = (lower: string, upper: string, position = lower) => ({ id: 1, lower, upper, position });
const unknown = { rows: 0, estimatedRows: 0 };

it('intervals weigh the same, and count by how far each has come', () => {
  expect(partDone('bigint', [], 0, unknown)).toBe(1);
  expect(partDone('bigint', [], 3, unknown)).toBe(1);
  expect(partDone('bigint', [interval('0', '100', '50'), interval('100', '200')], 2, unknown)).toBe(0.625);
});

it('rows tell more where an interval begins long before its first one', () => {
  const lead = [interval('-1000000', '100', '-999000')];
  expect(partDone('bigint', lead, 0, { rows: 400, estimatedRows: 1000 })).toBe(0.4);
  // The estimate was too low.
  expect(partDone('bigint', lead, 0, { rows: 2000, estimatedRows: 1000 })).toBe(0.99);
  // A run that copies a few new rows of many.
  expect(partDone('bigint', [interval('0', '100', '50')], 0, { rows: 5, estimatedRows: 1_000_000 })).toBe(
    0.5,
  );
});
