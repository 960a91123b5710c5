import type { ClientBase } from 'pg';

const EVERY_MS = 2_000;

/**
 * Waits for work at the other end within a session's transaction. The server ends a transaction that is left idle, which
 * is how one of a paused worker ends; while this waits, a query now and then shows that nobody has left it.
 */
export async function keepInUse<T>(client: ClientBase, work: Promise<T>): Promise<T> {
  // Where the session is lost, the next statement says so.
  const timer = setInterval(() => void client.query('SELECT').catch(() => undefined), EVERY_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
