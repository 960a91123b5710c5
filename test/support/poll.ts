export interface PollOptions {
  /** Milliseconds. */
  timeout?: number;
  /** Named when it does not come true. */
  what?: string;
}

/**
 * Waits until the condition returns something truthy, and returns that. Errors thrown by the condition count as "not
 * yet"; the last one is the cause when time is up.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeout = 10_000, what = 'the condition' }: PollOptions = {},
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
