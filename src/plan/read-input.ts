import type { z } from 'zod';

/** Stands for a value that came as something that cannot be read: see src/workflows/payload-converter.ts. */
export class Unreadable {
  readonly unreadable = true;
}

/** What of an input is shown: a foreign client's garbage may be wrong in thousands of places. */
const MOST_PROBLEMS = 5;

/**
 * What is wrong with a value that any client may have sent, in words that hold nothing of it but names that the schema
 * knows; undefined where it is as it should be. `wanted` says what it should be.
 */
export function problemWith(schema: z.ZodType, value: unknown, wanted: string): string | undefined {
  if (value instanceof Unreadable) return `it is not JSON. ${wanted}`;
  const parsed = schema.safeParse(value);
  if (parsed.success) return undefined;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'input'}: ${messageOf(issue)}`,
  );
  const more = problems.length - MOST_PROBLEMS;
  const shown = problems.slice(0, MOST_PROBLEMS).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return `${shown}. ${wanted}`;
}

/** What a key is called is the sender's choice, and so may be anything. */
function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? 'a key of it is not known' : issue.message;
}
