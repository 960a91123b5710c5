import { type ClientBase, DatabaseError, type Pool, type PoolClient } from 'pg';
import { cancelQuery } from './cancel-query';
import { endOf, markOrigin } from './origin';

/** How long a cancelled or failed piece of work gets to end by itself, before its connection is cut. */
const END_MS = 5_000;

/**
 * Runs `fn` with a session of the pool and gives the session back, whatever happens. Waits for a free session as long
 * as it takes, unless `signal` aborts. On abort, the running query is cancelled at the server, an open transaction is
 * rolled back, and the signal's reason is thrown. A session whose state is doubtful is closed, never reused.
 *
 * Where the server said why it dropped the connection only in an event (40001 on a standby, 57P01 between queries),
 * that error is thrown in place of "connection terminated".
 */
export async function withClient<T>(
  pool: Pool,
  signal: AbortSignal | undefined,
  fn: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await checkOut(pool, signal);
  let reported: Error | undefined;
  const onError = (error: Error) => {
    if (!(reported instanceof DatabaseError)) reported = error;
  };
  // A client that is checked out and has no handler ends the process when its connection drops.
  client.on('error', onError);
  let reusable = false;
  try {
    const result = await abortable(client, signal, fn);
    if (!isIdle(client)) throw new Error('a session was given back in the middle of its work');
    reusable = reported === undefined;
    return result;
  } catch (error) {
    const rolledBack = await rollBack(client);
    reusable = rolledBack && reported === undefined && !signal?.aborted;
    if (signal?.aborted) throw signal.reason;
    const end = endOf(pool);
    if (end) markOrigin(reported, { end });
    throw reported instanceof DatabaseError && !(error instanceof DatabaseError) ? reported : error;
  } finally {
    if (!reusable) await closeClient(client);
    client.release(!reusable);
    client.off('error', onError);
  }
}

/**
 * Cuts a client's connection at once: for a stream that one end has abandoned, after which its next query would hang.
 * The server is asked to cancel what runs, since a busy backend does not look at its connection.
 */
export function destroyClient(client: ClientBase, error?: Error): void {
  void cancelQuery(client);
  connectionOf(client).stream.destroy(error);
}

/** Whether a client's connection is gone. */
export function isCut(client: PoolClient): boolean {
  return connectionOf(client).stream.destroyed;
}

async function checkOut(pool: Pool, signal: AbortSignal | undefined): Promise<PoolClient> {
  signal?.throwIfAborted();
  const end = endOf(pool);
  const connecting = pool.connect().catch((error: unknown) => {
    if (end) markOrigin(error, { end });
    throw error;
  });
  if (!signal) return connecting;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
      connecting.then(
        (client) => client.release(),
        () => {},
      );
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  return Promise.race([connecting, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}

/** Runs `fn`; on abort cancels its query, and cuts the connection of one that does not end by that. */
async function abortable<T>(
  client: PoolClient,
  signal: AbortSignal | undefined,
  fn: (client: PoolClient) => Promise<T>,
): Promise<T> {
  let cut: NodeJS.Timeout | undefined;
  const onAbort = () => {
    cut = setTimeout(() => destroyClient(client), END_MS);
    void cancelQuery(client);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    return await fn(client);
  } finally {
    clearTimeout(cut);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Rolls back so that locks go at once; false when the session did not answer. */
async function rollBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query({ text: 'ROLLBACK', query_timeout: END_MS } as { text: string });
    return isIdle(client);
  } catch {
    return false;
  }
}

/** Waits for the connection's end, so that a server with a limit on connections has room before the next one comes. */
async function closeClient(client: PoolClient): Promise<void> {
  const { stream } = connectionOf(client);
  if (stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const cut = setTimeout(() => stream.destroy(), END_MS);
    stream.once('close', () => {
      clearTimeout(cut);
      resolve();
    });
    client.end().catch(() => {});
  });
}

interface ClientInternals {
  connection: {
    stream: {
      destroyed: boolean;
      destroy(error?: Error): void;
      once(event: 'close', listener: () => void): void;
    };
  };
  readyForQuery: boolean;
  getTransactionStatus(): 'I' | 'T' | 'E' | null;
}

function connectionOf(client: ClientBase): ClientInternals['connection'] {
  return (client as unknown as ClientInternals).connection;
}

/** Whether the session is between queries, and in no transaction. */
function isIdle(client: PoolClient): boolean {
  const internals = client as unknown as ClientInternals;
  return internals.readyForQuery && internals.getTransactionStatus() === 'I';
}
