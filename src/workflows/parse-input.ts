import { ApplicationFailure, log, workflowInfo } from '@temporalio/workflow';
import type { z } from 'zod';
import { readInput } from '../plan/read-input';

/** A workflow's input, checked: any client may have started it. `wanted` says what it should be. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown, wanted: string): z.output<T> {
  const read = readInput(schema, input, wanted);
  if (read.problem !== undefined) throw refused(read.problem);
  return read.input;
}

/**
 * What an execution hands to the next when it continues as new is taken from nobody else: whoever starts a run cannot
 * say that it comes from one.
 */
export function refuseCarried(carried: unknown, wanted: string): void {
  if (carried === undefined || workflowInfo().continuedFromExecutionRunId !== undefined) return;
  throw refused(`it holds what only a run that continues as new may give. ${wanted}`);
}

/**
 * Whether a signal is what it should be. One that is not is left out, with a line in the log: it has nobody to answer,
 * and what a signal's handler throws would end its run, or hold it up for ever.
 */
export function isSignal(name: string, schema: z.ZodType, args: unknown): boolean {
  const { problem } = readInput(schema, args, 'Send what the signal takes, as JSON.');
  if (problem !== undefined) log.warn('a signal was left out', { signal: name, error: problem });
  return problem === undefined;
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: 'InvalidInput', message, nonRetryable: true });
}
