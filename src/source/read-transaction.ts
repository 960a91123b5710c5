import type { ClientBase } from 'pg';

/** It locks nothing that anybody waits for but DDL, and ends with its worker's connection. */
const LONGEST_IDLE = '10min';

/**
 * Runs `fn` within one read-only transaction. statement_timeout is off within: it would count the whole of a database
 * cursor's or COPY's life, pauses for a slow destination included; readers watch their own progress instead. Once the
 * server has sent the last row it counts as idle, though megabytes may still wait in between for a slow destination.
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
  await client.query(
    `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '${LONGEST_IDLE}'`,
  );
}
