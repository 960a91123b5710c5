import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';

/** Each session's own name, which the server keeps among the session's settings. */
const sessions = new WeakMap<ClientBase, string>();

/** To be selected with whatever else a transaction selects: in whose session it is. */
export const SESSION = `pg_catalog.current_setting('tidemark.session', true)`;

/** Whether the settings hold that were pinned: a pooler may give each transaction another session (pool_mode = transaction). */
export function isPinned(client: ClientBase, session: string | null | undefined): boolean {
  return sessions.get(client) === session;
}

export interface SessionOptions {
  readOnly: boolean;
  statementTimeoutMs: number;
  idleInTransactionTimeoutMs: number;
}

/**
 * Settings on which a value's text depends, alike on both ends. Unpinned, 4 March is read as 3 April in silence.
 *
 * `search_path` holds pg_catalog alone, so that no object of a user's schema can stand in for PostgreSQL's own, and
 * so that format_type and regclass write every other schema out. The consequence: names outside pg_catalog must be
 * qualified, operators of extensions too (`OPERATOR(public.=)`), and so must those within functions of the user's
 * views and triggers, as under pg_dump and logical replication.
 */
const valueSettings: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmloption: 'content',
  lc_monetary: 'C',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  search_path: 'pg_catalog',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // Compiling costs more than it saves on queries that are read once.
  jit: 'off',
};

/**
 * Pins a new session's settings. By statement, not in the startup packet: poolers and embedded servers drop those,
 * and `pg_settings.reset_val` stays what the server gives to others, which the horizon asks for. Returns the session's
 * process ID at the server.
 */
export async function pinSettings(client: ClientBase, options: SessionOptions): Promise<number> {
  const session = randomUUID();
  sessions.set(client, session);
  const settings = Object.entries({
    ...valueSettings,
    'tidemark.session': session,
    // Never 'off': a role or database that is set to read-only has been set so for a reason.
    ...(options.readOnly && { default_transaction_read_only: 'on' }),
    statement_timeout: `${options.statementTimeoutMs}ms`,
    idle_in_transaction_session_timeout: `${options.idleInTransactionTimeoutMs}ms`,
  });
  const { rows } = await client.query<{ pid: string | number }>(
    `SELECT pg_catalog.set_config(name, value, false), pg_catalog.pg_backend_pid() AS pid
     FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS settings(name, value)`,
    [settings.map(([name]) => name), settings.map(([, value]) => value)],
  );
  return Number(rows[0]?.pid);
}
