import { Client } from 'pg';
import type { Endpoint } from '../src/postgres/endpoint';
import { pinSettings } from '../src/postgres/pinned-settings';

const STATEMENT_MS = 60_000;

/**
 * Runs `fn` with a connection of its own, which is closed at once: the embedded source serves one at a time, and a
 * worker may be waiting. Settings are pinned alike on both ends, so that equal values have equal texts; names outside
 * pg_catalog need their schema.
 */
export async function withSession<T>(
  { host, port, database, username, password }: Endpoint,
  fn: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host,
    port,
    database,
    user: username,
    password,
    types: { getTypeParser: () => String },
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await pinSettings(client, {
      readOnly: false,
      statementTimeoutMs: STATEMENT_MS,
      idleInTransactionTimeoutMs: STATEMENT_MS,
    });
    return await fn(client);
  } finally {
    await client.end();
  }
}
