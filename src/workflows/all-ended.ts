import { isCancellation } from '@temporalio/workflow';

/**
 * Waits for every lane, also those that are added meanwhile, so that none is left behind by another one's failure; then
 * throws the failure that counts.
 */
export async function allEnded(lanes: readonly Promise<void>[]): Promise<void> {
  const results: PromiseSettledResult<void>[] = [];
  while (results.length < lanes.length)
    results.push(...(await Promise.allSettled(lanes.slice(results.length))));
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) throw failures.find((failure) => !isCancellation(failure)) ?? failures[0];
}
