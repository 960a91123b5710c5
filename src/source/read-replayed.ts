import type { ClientBase } from 'pg';
import { z } from 'zod';
import { parseCursorValue } from '../plan/cursor-value';
import { pgBoolean, queryRow } from '../postgres/query';

/** How far a standby is a copy of its primary; in the primary's time, in microseconds since the Unix epoch. */
export interface Replayed {
  /** Every transaction that ended on the primary before this is here. */
  to: bigint;
  /** When the last transaction that is here ended, at the latest. */
  lastEnd: bigint;
}

const timestamp = z.string().transform((text) => parseCursorValue('timestamptz', text));
const replayedRow = z.object({
  lastEnd: timestamp.nullable(),
  announced: timestamp.nullable(),
  mayAsk: pgBoolean,
});

/*
 * That all that was received has been replayed says nothing: what is on its way is not received yet. So the first
 * measure is the last commit that was replayed. On an idle primary it stands still; there it counts when the primary
 * last said where its WAL ends, if that has been replayed. Three dangers (PostgreSQL: walreceiver.c, walsender.c):
 * - A walreceiver that starts, as after an outage, sets last_msg_send_time and last_msg_receipt_time to one and the same
 *   instant, before it has heard anything, and keeps the end that an earlier one heard of.
 * - A keepalive names what the walsender has sent, not where the WAL ends, and one that was stalled answers a ping
 *   before it sends what was written meanwhile. But then it had said nothing since it stalled, and after
 *   wal_receiver_timeout of silence it is left. So up to that long before its last message, it had nothing unsent.
 * - The end that a standby announces to one behind it is its own, whether or not it hears of the primary (GUARANTEES, G2).
 * Without pg_read_all_stats these columns are NULL.
 */
const REPLAYED = `
  SELECT pg_last_xact_replay_timestamp()::text AS "lastEnd",
         (SELECT last_msg_send_time - setting::int * interval '1 millisecond'
          FROM pg_stat_wal_receiver, pg_settings
          WHERE name = 'wal_receiver_timeout' AND setting <> '0'
            AND last_msg_send_time <> last_msg_receipt_time
            AND latest_end_lsn <= pg_last_wal_replay_lsn())::text AS announced,
         has_function_privilege('pg_control_checkpoint()', 'execute') AS "mayAsk"`;

/** Looks how far a standby has replayed its primary's WAL. What it cannot know it takes for little, never for much. */
export async function readReplayed(client: ClientBase): Promise<Replayed> {
  const { lastEnd, announced, mayAsk } = await queryRow(client, replayedRow, REPLAYED);
  const known = [lastEnd, announced].filter((instant) => instant !== null);
  // A standby that was started on an idle primary has replayed no commit since; the checkpoint it started from, it has.
  const to = known.length > 0 ? latestOf(known) : mayAsk ? await readCheckpointTime(client) : 0n;
  return { to, lastEnd: lastEnd ?? to };
}

function latestOf(instants: bigint[]): bigint {
  return instants.reduce((a, b) => (a > b ? a : b));
}

async function readCheckpointTime(client: ClientBase): Promise<bigint> {
  const sql = 'SELECT checkpoint_time::text AS at FROM pg_control_checkpoint()';
  return (await queryRow(client, z.object({ at: timestamp }), sql)).at;
}
