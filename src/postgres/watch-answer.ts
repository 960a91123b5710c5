import { Client, type ClientConfig } from 'pg';
import { Stalled } from './stalled';
import { destroyClient } from './with-client';

/** A statement that goes with the data may take hours; it is looked at this often. */
const LOOK_EVERY_MS = 10_000;
/** The answer may just be on its way: so long until a second look has to find the same. */
const LOOK_AGAIN_MS = 2_000;
const ANSWER_MS = 5_000;

/**
 * Watches a client that waits for a long statement, by another session: where the server no longer works on it, the
 * answer was lost with a connection of which nobody said that it ended (a half-open one), and it is cut. Where nothing
 * can be seen, nothing is done.
 */
export function watchAnswer(client: Client, config: ClientConfig, answer: Promise<unknown>): void {
  let timer = setTimeout(() => void look(false), LOOK_EVERY_MS);
  let answered = false;
  const stop = (): void => {
    answered = true;
    clearTimeout(timer);
  };
  answer.then(stop, stop);
  const look = async (suspected: boolean): Promise<void> => {
    const works = await isWorking(config, client).catch(() => true);
    if (answered) return;
    if (!works && suspected) destroyClient(client, new Stalled('the server gave no answer'));
    else timer = setTimeout(() => void look(!works), works ? LOOK_EVERY_MS : LOOK_AGAIN_MS);
  };
}

/** Whether the server works on a statement of the session (PostgreSQL: pg_stat_activity; every role sees its own). */
async function isWorking(config: ClientConfig, watched: Client): Promise<boolean> {
  const observer = new Client({
    ...config,
    ...{ connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS, keepAlive: false },
  });
  observer.on('error', () => undefined);
  try {
    await observer.connect();
    const found = await observer.query(
      `SELECT FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND state = 'active'`,
      [(watched as Client & { processID: number }).processID],
    );
    return found.rows.length > 0;
  } finally {
    await observer.end();
  }
}
