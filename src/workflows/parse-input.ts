import { ApplicationFailure } from '@temporalio/workflow';
import type { z } from 'zod';

/** A workflow's input, checked: any client may have started it. `wanted` says what it should be. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown, wanted: string): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw ApplicationFailure.create({
    type: 'InvalidInput',
    message: `${problems.join('; ')}. ${wanted}`,
    nonRetryable: true,
  });
}
