import { Polled } from '../../src/ui/polled';
import { until } from '../support/poll';

const describeIt = (error: unknown): string => (error as Error).message;

test('who asks at once shares a look, and nobody is looked for in between', async () => {
  let looks = 0;
  const polled = new Polled(() => Promise.resolve(++looks), { everyMs: 60_000, describe: describeIt });
  expect(looks).toBe(0);
  const answers = await Promise.all([polled.get(), polled.get(), polled.get()]);
  expect(answers.map(({ value }) => value)).toEqual([1, 1, 1]);
  expect(await polled.get()).toMatchObject({ state: 'ok', value: 1 });
  expect(looks).toBe(1);
});

test('a look that fails says why, keeps what was there, and is tried again', async () => {
  let looks = 0;
  const polled = new Polled(
    () => (++looks === 2 ? Promise.reject(new Error('it is down')) : Promise.resolve(looks)),
    { everyMs: 0, describe: describeIt },
  );
  expect(await polled.get()).toMatchObject({ state: 'ok', value: 1 });
  const failed = await until(async () => {
    const latest = await polled.get();
    return latest.state === 'failed' && latest;
  });
  expect(failed).toMatchObject({ value: 1, message: 'it is down' });
  expect(await until(async () => (await polled.get()).value === 3)).toBe(true);
});

test('a look that does not end holds nobody up', async () => {
  const end: { now?: (value: number) => void } = {};
  const look = new Promise<number>((resolve) => (end.now = resolve));
  const polled = new Polled(() => look, { everyMs: 0, describe: describeIt });
  expect(await polled.get()).toMatchObject({ state: 'pending', value: undefined });
  end.now?.(7);
  await polled.settled();
  expect(await polled.get()).toMatchObject({ state: 'ok', value: 7 });
});

test('what is slow is given a rest of five times as long', async () => {
  const starts: number[] = [];
  const polled = new Polled(
    () => {
      starts.push(Date.now());
      return new Promise<number>((resolve) => setTimeout(() => resolve(1), 60));
    },
    { everyMs: 0, describe: describeIt },
  );
  await until(async () => {
    await polled.get();
    return starts.length === 2;
  });
  expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(350);
});
