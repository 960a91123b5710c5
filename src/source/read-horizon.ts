import type { ClientBase } from 'pg';
import { z } from 'zod';
import {
  type CursorKind,
  formatCursorValue,
  microsecondsToTicks,
  parseCursorValue,
} from '../plan/cursor-value';
import { queryRow } from '../postgres/query';
import { type OpenTransaction, readOpenTransactions } from './open-transactions';

export interface HorizonRequest {
  kind: 'timestamptz' | 'timestamp' | 'date';
  /** How far the horizon stays behind the server's now, or behind what a standby has replayed. */
  settleDelayMs: number;
  /** Where the cursor column is a local time: the zone it is written in. */
  timeZone?: string;
  preparedAllowanceMs?: number;
}

export interface Horizon {
  /** In ticks of the kind; rows at or beyond it are left for a later run. */
  horizon: bigint;
  /** The same in real time, in microseconds since the Unix epoch. */
  instant: bigint;
  /** Rows that commit later than settle delay and lookback allow could be missed. */
  bounded: boolean;
  /** The open transaction that the horizon waits for, where one does. */
  heldBackBy?: OpenTransaction;
  /** Why open transactions cannot all be seen. */
  unknown?: string;
  isStandby: boolean;
  /** In microseconds since the Unix epoch. */
  serverTime: bigint;
}

const HALF_A_DAY = 43_200_000_000n;

/**
 * The upper bound of a run: the earliest of the server's now less the settle delay, and the start of the oldest
 * transaction that may still write (DESIGN, Horizon). Where not all can be seen, the settle delay alone: `bounded`. A
 * standby's now is the instant up to which it is a copy of its primary.
 */
export async function readHorizon(client: ClientBase, request: HorizonRequest): Promise<Horizon> {
  const open = await readOpenTransactions(client, request.preparedAllowanceMs);
  const { serverTime, replayed, oldest, unknown } = open;
  // What a standby has not replayed is not there yet, however old.
  const present = replayed?.to ?? serverTime;
  const settled = present - BigInt(Math.ceil(request.settleDelayMs * 1000));
  const heldBackBy = oldest && oldest.since < settled ? oldest : undefined;
  const instant = heldBackBy ? heldBackBy.since : settled;
  return {
    horizon: await inKind(client, request, instant),
    instant,
    bounded: unknown !== undefined || heldBackBy?.what === 'prepared transaction',
    ...(heldBackBy && { heldBackBy }),
    ...(unknown !== undefined && { unknown }),
    isStandby: replayed !== undefined,
    serverTime,
  };
}

/** The instant as ticks of the kind, such that no row written from the instant on can lie below it. */
async function inKind(
  client: ClientBase,
  { kind, timeZone }: HorizonRequest,
  instant: bigint,
): Promise<bigint> {
  if (kind === 'timestamptz') return instant;
  if (kind === 'timestamp') return earliestLocalTime(client, instant, timeZone);
  // A date is over when it is over in the last zone to see it, UTC-12.
  const local =
    timeZone === undefined ? instant - HALF_A_DAY : await earliestLocalTime(client, instant, timeZone);
  return microsecondsToTicks(kind, local);
}

/*
 * Clocks are put back: from 02:59 to 02:00 again, whose rows would then lie below a horizon of 02:59. So this is the
 * earliest local time that any instant from $1 on will show. Without a zone in the configuration: UTC, the zone that
 * the server gives to sessions (ours is pinned, so reset_val has it) and those set for its roles. These may be set as
 * hours east of UTC (`-5`, `INTERVAL '-05:00'`; PostgreSQL: SET TIME ZONE), where AT TIME ZONE takes a number for hours west.
 */
const EARLIEST_LOCAL_TIME = `
  WITH zones AS (
    SELECT $2::text AS zone WHERE $2::text IS NOT NULL
    UNION SELECT 'UTC' WHERE $2::text IS NULL
    UNION SELECT reset_val FROM pg_settings WHERE name = 'TimeZone' AND $2::text IS NULL
    UNION SELECT regexp_replace(setting, '^[^=]*=', '') FROM pg_db_role_setting, unnest(setconfig) setting
          WHERE setting ~* '^timezone=.' AND $2::text IS NULL
            AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  ), offsets AS (
    SELECT zone, CASE WHEN zone ~ '^[-+]?[0-9.]+$' THEN zone::float8 * interval '1 hour'
                      WHEN zone ~* '^interval' THEN substring(zone FROM '''([^'']*)''')::interval END AS east
    FROM zones
  ), instants AS (
    SELECT $1::timestamptz AS instant
    UNION ALL SELECT date_trunc('hour', $1::timestamptz) + n * interval '15 minutes' FROM generate_series(1, 16) n
  )
  SELECT min(CASE WHEN east IS NULL THEN instant AT TIME ZONE zone ELSE instant AT TIME ZONE east END)::text AS local
  FROM offsets, instants WHERE instant >= $1::timestamptz`;

/** The earliest local time, in ticks of `timestamp`, that any moment from this instant on will show. */
export async function earliestLocalTime(
  client: ClientBase,
  instant: bigint,
  timeZone: string | undefined,
): Promise<bigint> {
  const values = [formatCursorValue('timestamptz', instant), timeZone ?? null];
  const { local } = await queryRow(client, z.object({ local: z.string() }), EARLIEST_LOCAL_TIME, values);
  return parseCursorValue('timestamp', local);
}

/** Whether a kind has a clock to take its horizon from; integers are watched instead (observe-integer.ts). */
export function hasClock(kind: CursorKind): kind is HorizonRequest['kind'] {
  return kind === 'timestamptz' || kind === 'timestamp' || kind === 'date';
}
