import { type Payload, RawValue } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, proxyActivities } from '@temporalio/workflow';

/** A workflow of somebody else's, which calls activities of a Tidemark worker. Tells how each call failed. */
export async function callActivities(
  taskQueue: string,
  calls: { activity: string; payload?: { metadata: Record<string, number[]>; data?: number[] } }[],
): Promise<(string | null)[]> {
  const activities = proxyActivities({
    taskQueue,
    // Hundreds of them wait for a slot. A failure that is not final would come by itself, and is not to be retried.
    scheduleToCloseTimeout: '4 minutes',
    startToCloseTimeout: '1 minute',
    retry: { maximumAttempts: 1 },
  });
  return Promise.all(
    calls.map(async ({ activity, payload }) => {
      try {
        await activities[activity]?.(...(payload ? [RawValue.fromPayload(revived(payload))] : []));
        return null;
      } catch (error) {
        const cause = error instanceof ActivityFailure ? error.cause : error;
        return cause instanceof ApplicationFailure
          ? `${cause.type} ${cause.nonRetryable}: ${cause.message}`
          : String(cause);
      }
    }),
  );
}

function revived({ metadata, data }: { metadata: Record<string, number[]>; data?: number[] }): Payload {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([key, bytes]) => [key, Uint8Array.from(bytes)]),
    ),
    ...(data && { data: Uint8Array.from(data) }),
  };
}
