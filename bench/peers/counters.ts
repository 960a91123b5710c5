import type { Database } from '../database';
import type { Environment } from '../environment';
import type { Table } from '../tables';

const QUIET_MS = 60_000;

/** How many rows the server has ever read of a table, by its own counters: those of sessions that have ended. */
export async function rowsRead(source: Database, table: Table): Promise<number> {
  const [read = ''] = await source.run(
    `SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables
     WHERE relid = '${table.name}'::regclass`,
  );
  return Number(read);
}

/** Waits until no session is left: one whose client was killed may have something to finish, a worker keeps idle ones a while. */
export async function quiet({ source, destination }: Environment): Promise<void> {
  const deadline = Date.now() + QUIET_MS;
  for (;;) {
    const [sessions] = await source.run(
      `SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
         AND pid <> pg_backend_pid() AND datname IN ('${source.name}', '${destination.name}')`,
    );
    if (sessions === '0') return;
    if (Date.now() > deadline) throw new Error('its sessions did not end');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** How many rows have arrived in a table, committed or under way in a COPY, up to a limit; 0 while nobody may look. */
export async function rowsArrived(database: Database, table: string, limit: number): Promise<number> {
  try {
    const [count = ''] = await database.run(
      `SET lock_timeout = '100ms';
       SELECT least(${limit}, (SELECT count(*) FROM (SELECT FROM ${table} LIMIT ${limit}) seen) +
         (SELECT coalesce(sum(tuples_processed), 0) FROM pg_stat_progress_copy
          WHERE command = 'COPY FROM' AND datname = current_database()))`,
    );
    return Number(count);
  } catch {
    return 0;
  }
}
