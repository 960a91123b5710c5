import { z } from 'zod';

/** Keys not listed are refused, and what is no map at all is told what is wanted. */
export function object<T extends z.ZodRawShape>(shape: T) {
  const example = Object.keys(shape)[0] ?? '';
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'invalid_type'
        ? `this must hold keys such as ${example}|Write ${example}: … below it`
        : undefined,
  });
}
