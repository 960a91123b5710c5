import type { z } from 'zod';

/** Stands for a value that came as something that cannot be read: see src/workflows/payload-converter.ts. */
export class Unreadable {
  readonly unreadable = true;
}

/** What of an input is shown: a foreign client's garbage may be wrong in thousands of places. */
const MOST_PROBLEMS = 5;

/**
 * A value that any client may have sent, checked; or what is wrong with it, in words that hold nothing of it but names
 * that the schema knows. `wanted` says what it should be.
 */
export function readInput<T extends z.ZodType>(
  schema: T,
  value: unknown,
  wanted: string,
): { input: z.output<T>; problem?: undefined } | { problem: string } {
  if (value instanceof Unreadable) return { problem: `it is not JSON. ${wanted}` };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { input: parsed.data };
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'input'}: ${messageOf(issue)}`,
  );
  const more = problems.length - MOST_PROBLEMS;
  const shown = problems.slice(0, MOST_PROBLEMS).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return { problem: `${shown}. ${wanted}` };
}

/** What a key is called is the sender's choice, and so may be anything. */
function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? 'a key of it is not known' : issue.message;
}
