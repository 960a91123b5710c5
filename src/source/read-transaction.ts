import type { ClientBase } from 'pg';

/**
 * Runs `fn` within one read-only transaction. statement_timeout is off within: it would count the whole of a database
 * cursor's or COPY's life, pauses for a slow destination included; readers watch their own progress instead.
 */
export async function inReadTransaction<T>(client: ClientBase, fn: () => Promise<T>): Promise<T> {
  await begin(client);
  const result = await fn();
  await client.query('COMMIT');
  return result;
}

/** The same around rows that are read one after another: it ends with the last of them, however long its reader takes. */
export async function* inReadTransactionEach<T>(
  client: ClientBase,
  rows: () => AsyncIterable<T>,
): AsyncGenerator<T> {
  await begin(client);
  yield* rows();
  await client.query('COMMIT');
}

async function begin(client: ClientBase): Promise<void> {
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY');
  await client.query('SET LOCAL statement_timeout = 0');
}
