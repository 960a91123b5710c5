import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
} from '@temporalio/client';
import { z } from 'zod';

/** How a run ended. */
export interface RunOutcome<Summary> {
  /** There when the run came as far as its tables. */
  summary?: Summary;
  /** Why it did not complete. `type` as src/activities/to-failure.ts gives it, or Cancelled, Terminated, TimedOut. */
  failure?: { type: string; message: string };
}

const summarySchema = z.looseObject({
  sync: z.string(),
  ok: z.boolean(),
  tables: z.array(z.looseObject({ table: z.string() })),
});

/** What a failed run says of itself. Throws what is not a run's failure. */
export function outcomeOfFailure<Summary>(error: unknown): RunOutcome<Summary> {
  if (!(error instanceof WorkflowFailedError)) throw error;
  let { cause } = error;
  while (cause && !(cause instanceof ApplicationFailure) && cause.cause instanceof Error) cause = cause.cause;
  if (cause instanceof ApplicationFailure) {
    const summary = summarySchema.safeParse(cause.details?.[0]);
    return {
      failure: { type: cause.type ?? 'Failure', message: cause.message },
      ...(summary.success && { summary: summary.data as unknown as Summary }),
    };
  }
  if (cause instanceof CancelledFailure)
    return { failure: { type: 'Cancelled', message: 'the run was cancelled' } };
  if (cause instanceof TerminatedFailure)
    return { failure: { type: 'Terminated', message: 'the run was terminated' } };
  if (cause instanceof TimeoutFailure)
    return { failure: { type: 'TimedOut', message: 'the run was timed out' } };
  return { failure: { type: 'Failure', message: 'the run failed' } };
}
