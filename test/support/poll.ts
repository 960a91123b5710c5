export interface PollOptions {
  /** Milliseconds, where it may not come true. */
  timeout?: number;
  /** Named when it does not come true. */
  what?: string;
}

/** Ends what hangs, and no more: how fast a machine is decides no test. Below jest's own limit, so that it names what was waited for. */
const HANG_MS = 240_000;

/**
 * Waits until the condition returns something truthy, and returns that. Errors thrown by the condition count as "not
 * yet"; the last one is the cause when time is up.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeout = HANG_MS, what = 'the condition' }: PollOptions = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeout;
  let cause: unknown;
  do {
    try {
      const result = await condition();
      if (result) return result;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  } while (Date.now() < deadline);
  throw new Error(`Waited ${timeout} ms in vain for ${what}`, { cause });
}
