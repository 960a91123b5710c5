import type { ClientBase } from 'pg';
import { z } from 'zod';

/** Runs a query and parses its rows. Every column arrives as PostgreSQL's text, or null. */
export async function queryRows<T extends z.ZodType>(
  client: ClientBase,
  row: T,
  text: string,
  values: unknown[] = [],
): Promise<z.infer<T>[]> {
  const { rows } = await client.query(text, values);
  return z.array(row).parse(rows);
}

/** As {@link queryRows}, for a query that always gives one row. */
export async function queryRow<T extends z.ZodType>(
  client: ClientBase,
  row: T,
  text: string,
  values: unknown[] = [],
): Promise<z.infer<T>> {
  const { rows } = await client.query(text, values);
  return z.tuple([row]).parse(rows)[0] as z.infer<T>;
}

/** A boolean as PostgreSQL writes it. */
export const pgBoolean = z.enum(['t', 'f']).transform((text) => text === 't');
/** A whole number within what JavaScript holds exactly. */
export const pgInteger = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number);
/** A bigint. */
export const pgBigint = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);
/** A json column's value. */
export function pgJson<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);
}
