import { History, sumOfSpeeds } from '../../src/ui/history';
import { LAG_STEP_MS, RATE_STEP_MS } from '../../src/ui/snapshot';

const t0 = 1_800_000_000_000;

test('the speed of the moment is over ten seconds, the points over five each', () => {
  const history = new History();
  for (let second = 0; second <= 20; second++) history.count(t0 + second * 1000, second * 100, second * 1e6);
  const { rowsPerSecond, bytesPerSecond, rates } = history.speedsAt(t0 + 20_000);
  expect([rowsPerSecond, bytesPerSecond]).toEqual([100, 1e6]);
  expect(rates.rows).toEqual([100, 100, 100, 100]);
});

test('a counter that falls began anew: that is no speed', () => {
  const history = new History();
  for (const [second, rows] of [100, 200, 0, 50].entries()) history.count(t0 + second * 1000, rows, null);
  expect(history.speedsAt(t0 + 3000)).toMatchObject({ rowsPerSecond: 50, bytesPerSecond: null });
});

test('where nobody looked there is a gap', () => {
  const history = new History();
  history.count(t0, 0, null);
  history.count(t0 + 1000, 10, null);
  history.count(t0 + 6 * RATE_STEP_MS, 1000, null);
  history.count(t0 + 6 * RATE_STEP_MS + 1000, 1010, null);
  expect(history.speedsAt(t0 + 7 * RATE_STEP_MS).rates.rows).toEqual([10, null, null, null, null, null, 10]);
  history.noteLag(t0, 5);
  history.noteLag(t0 + 1000, 7);
  history.noteLag(t0 + 3 * LAG_STEP_MS, 9);
  expect(history.lagsAt(t0 + 4 * LAG_STEP_MS)).toEqual([7, null, null, 9, null]);
});

test('only the last minutes and hours are kept', () => {
  const history = new History();
  for (let step = 0; step < 1000; step++) {
    history.count(t0 + step * RATE_STEP_MS, step, step);
    history.noteLag(t0 + step * LAG_STEP_MS, step);
  }
  expect(history.speedsAt(t0 + 999 * RATE_STEP_MS).rates.rows).toHaveLength(60);
  expect(history.lagsAt(t0 + 999 * LAG_STEP_MS)).toHaveLength(180);
});

test("tables' speeds add up, the newest point on the newest", () => {
  const [one, two] = [new History(), new History()];
  for (let second = 0; second <= 20; second++) one.count(t0 + second * 1000, second, null);
  for (let second = 10; second <= 20; second++) two.count(t0 + second * 1000, second * 10, null);
  const all = [one, two].map((history) => history.speedsAt(t0 + 20_000));
  expect(sumOfSpeeds(all)).toMatchObject({ rowsPerSecond: 11, bytesPerSecond: null });
  expect(sumOfSpeeds(all).rates.rows).toEqual([1, 1, 11, 11]);
});
