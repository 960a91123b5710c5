import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/workflow';

/** A child's failure in the words of the activity that caused it. */
export function explain(error: unknown): { type: string; message: string } {
  let cause = error;
  while ((cause instanceof ChildWorkflowFailure || cause instanceof ActivityFailure) && cause.cause)
    cause = cause.cause;
  if (cause instanceof ApplicationFailure) return { type: cause.type ?? 'Failure', message: cause.message };
  return { type: 'Failure', message: cause instanceof Error ? cause.message : 'unknown failure' };
}
