import type { ClientBase } from 'pg';
import { hasSqlstate } from '../postgres/describe-error';

/** Another session holds what was to be locked, and it is not one that may be ended. */
export class IntervalBusy extends Error {}

const LOCK_NOT_AVAILABLE = '55P03';

/** The name by which a session that writes an interval's batch can be found (PostgreSQL cuts names at 63 bytes). */
export function batchName(sync: string, table: string, interval: string): string {
  return `'tidemark batch ' || md5(concat_ws(chr(10), ${sync}::text, ${table}::text, ${interval}::text))`;
}

/**
 * Takes a lock within the transaction that the client is in. Whoever holds it longer than `patienceMs` is a session
 * whose worker is gone or was paused: it is ended, if it is ours (same role, same database, named by `names`, an SQL
 * query of application names; PostgreSQL lets a role end its own sessions). Then the lock is tried once more.
 */
export async function lockPatiently<T>(
  client: ClientBase,
  patienceMs: number,
  names: { text: string; values: unknown[] },
  lock: () => Promise<T>,
): Promise<T> {
  const patiently = async (): Promise<T> => {
    await client.query(`SELECT set_config('lock_timeout', $1, true)`, [`${patienceMs}ms`]);
    const locked = await lock();
    await client.query('SET LOCAL lock_timeout = 0');
    return locked;
  };
  await client.query('SAVEPOINT before_lock');
  try {
    return await patiently();
  } catch (error) {
    if (!hasSqlstate(error, LOCK_NOT_AVAILABLE)) throw error;
  }
  await client.query('ROLLBACK TO SAVEPOINT before_lock');
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name IN (${names.text}) AND usename = current_user AND datname = current_database()
       AND pid <> pg_backend_pid()`,
    names.values,
  );
  try {
    return await patiently();
  } catch (error) {
    if (hasSqlstate(error, LOCK_NOT_AVAILABLE))
      throw new IntervalBusy('the table is locked by another session');
    throw error;
  }
}
