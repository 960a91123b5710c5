import type { ClientBase } from 'pg';
import { z } from 'zod';
import { parseCursorValue } from '../plan/cursor-value';
import { SOURCE_APPLICATION } from '../postgres/pool';
import { pgBoolean, pgInteger, queryRow } from '../postgres/query';
import { type Replayed, readReplayed } from './read-replayed';

/**
 * PostgreSQL keeps when a transaction was prepared, not when it began, and rows may carry its beginning. It is taken
 * to have begun at most this long before it was prepared.
 */
const PREPARED_ALLOWANCE_MS = 3_600_000;

export interface OpenTransaction {
  what: 'transaction' | 'prepared transaction';
  /** When it began at the earliest, in microseconds since the Unix epoch. */
  since: bigint;
  pid: number | undefined;
  role: string | undefined;
  application: string | undefined;
}

export interface OpenTransactions {
  /** The server's clock just before they were looked at, in microseconds since the Unix epoch. */
  serverTime: bigint;
  /** How far a standby is a copy of its primary; undefined on a primary. */
  replayed: Replayed | undefined;
  /** Of those that can be seen; undefined where none is open. */
  oldest: OpenTransaction | undefined;
  /** Why there may be others that cannot be seen; undefined when all are. */
  unknown: string | undefined;
}

const timestamp = z.string().transform((text) => parseCursorValue('timestamptz', text));
const activityRow = z.object({
  now: timestamp,
  standby: pgBoolean,
  visible: pgBoolean,
  hidden: pgInteger,
  untracked: pgInteger,
  start: timestamp.nullable(),
  pid: pgInteger.nullable(),
  role: z.string().nullable(),
  application: z.string().nullable(),
  prepared: timestamp.nullable(),
  owner: z.string().nullable(),
});

/*
 * Sessions of this database that may still write a row: clients, and background workers (jobs write rows), whether or
 * not they have an xid: one may come. Not our own, which are read-only; not autovacuum and WAL senders. What a role
 * may not see has a NULL backend_type (PostgreSQL: The Cumulative Statistics System, pg_stat_activity); autovacuum's
 * processes have no user. On a standby nobody writes.
 *
 * The clock is that of the statement's arrival, before anything of it runs: what begins while sessions are looked at
 * has a later time. Where a transaction begins in the middle of a statement (COMMIT AND CHAIN, several statements in one
 * string), its now() is when the statement arrived, and for a moment it has no xact_start (PostgreSQL: xact.c,
 * StartTransaction), but the session is active since then.
 */
const ACTIVITY = `
  WITH database AS (SELECT oid FROM pg_database WHERE datname = current_database()),
  sessions AS (
    SELECT * FROM pg_stat_activity WHERE datid = (SELECT oid FROM database)
  ), others AS (
    SELECT * FROM sessions
    WHERE pid <> pg_backend_pid() AND leader_pid IS DISTINCT FROM pg_backend_pid() AND usesysid IS NOT NULL
      AND backend_type IS DISTINCT FROM 'walsender'
      AND NOT (starts_with(application_name, $1) AND usename = current_user)
  ), begun AS (
    SELECT *, coalesce(xact_start, CASE WHEN state = 'active' AND backend_type = 'client backend' THEN query_start END)
      AS start
    FROM others WHERE NOT pg_is_in_recovery()
  ), oldest AS (
    SELECT * FROM begun WHERE start IS NOT NULL ORDER BY start LIMIT 1
  ), prepared AS (
    SELECT * FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared LIMIT 1
  )
  SELECT statement_timestamp()::text AS now,
         pg_is_in_recovery() AS standby,
         EXISTS (SELECT FROM sessions WHERE pid = pg_backend_pid()) AS visible,
         (SELECT count(*) FROM others WHERE backend_type IS NULL) AS hidden,
         (SELECT count(*) FROM others WHERE state = 'disabled') AS untracked,
         oldest.start::text AS start, oldest.pid, oldest.usename AS role, oldest.application_name AS application,
         prepared.prepared::text AS prepared, prepared.owner
  FROM (SELECT) one LEFT JOIN oldest ON true LEFT JOIN prepared ON true`;

/** Looks at the transactions that are open in the source database. Works as any role, on a standby and embedded. */
export async function readOpenTransactions(
  client: ClientBase,
  preparedAllowanceMs = PREPARED_ALLOWANCE_MS,
): Promise<OpenTransactions> {
  const row = await queryRow(client, activityRow, ACTIVITY, [SOURCE_APPLICATION]);
  const open: OpenTransaction[] = [];
  if (row.start !== null)
    open.push({
      what: 'transaction',
      since: row.start,
      pid: row.pid ?? undefined,
      role: row.role ?? undefined,
      application: row.application ?? undefined,
    });
  if (row.prepared !== null)
    open.push({
      what: 'prepared transaction',
      since: row.prepared - BigInt(Math.ceil(preparedAllowanceMs * 1000)),
      pid: undefined,
      role: row.owner ?? undefined,
      application: undefined,
    });
  return {
    serverTime: row.now,
    replayed: row.standby ? await readReplayed(client) : undefined,
    oldest: open.sort((a, b) => (a.since < b.since ? -1 : 1))[0],
    unknown: whyUnknown(row),
  };
}

function whyUnknown(row: z.infer<typeof activityRow>): string | undefined {
  if (row.standby) return "on a standby the primary's open transactions do not show";
  if (!row.visible) return 'this server does not show its sessions in pg_stat_activity';
  if (row.hidden > 0)
    return 'the role may not see when the transactions of other roles began (GRANT pg_read_all_stats)';
  if (row.untracked > 0) return 'sessions run with track_activities off';
  return undefined;
}
