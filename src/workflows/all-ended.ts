import { isCancellation } from '@temporalio/workflow';

/** Waits for every lane, so that none is left behind by another one's failure; then throws the failure that counts. */
export async function allEnded(lanes: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(lanes);
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) throw failures.find((failure) => !isCancellation(failure)) ?? failures[0];
}
