import type { ClientBase } from 'pg';

/**
 * Runs `fn` within one read-only transaction. statement_timeout is off within: it would count the whole of a database
 * cursor's or COPY's life, pauses for a slow destination included; readers watch their own progress instead.
 */
export async function inReadTransaction<T>(client: ClientBase, fn: () => Promise<T>): Promise<T> {
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY');
  await client.query('SET LOCAL statement_timeout = 0');
  const result = await fn();
  await client.query('COMMIT');
  return result;
}
