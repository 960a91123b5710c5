import type { ClientBase } from 'pg';
import { z } from 'zod';
import { hasSqlstate } from '../postgres/describe-error';
import { pgBoolean, pgInteger, queryRows } from '../postgres/query';
import type { CheckpointKey } from './read-checkpoint';

/** A newer run has taken the table over: this one's batches are refused. */
export class Superseded extends Error {
  constructor(readonly by: string | null) {
    super(`superseded by ${by ?? 'another run'}`);
  }
}

/** Another session holds the interval, and it is not one that may be ended. */
export class IntervalBusy extends Error {}

export interface LockRequest extends CheckpointKey {
  epoch: number;
  interval: number;
  /** How long to wait for a batch that may just be about to commit, before its session is ended. */
  patienceMs: number;
}

export interface LockedInterval {
  position: string;
  rewrite: boolean;
}

const LOCK_NOT_AVAILABLE = '55P03';

/** The name by which a session that writes a batch can be found in pg_stat_activity (PostgreSQL cuts at 63 bytes). */
const BATCH_NAME = `'tidemark batch ' || md5(concat_ws(chr(10), $1::text, $2::text, $3::text))`;

/**
 * Locks an interval's checkpoint row and returns its position, within the transaction that is to write the batch.
 * Everything that makes a batch exactly-once hangs on this lock being taken first and compared inside: a check made
 * before the transaction lets a worker that was paused apply its batch again.
 *
 * Whoever holds the row longer than `patienceMs` is a session whose worker is gone or was paused; Temporal has given
 * its batch to us, so it is ended, if it is ours (same role and name: PostgreSQL lets a role end its own sessions).
 */
export async function lockInterval(client: ClientBase, request: LockRequest): Promise<LockedInterval> {
  const key = [request.sync, request.table, request.interval];
  await client.query(`SELECT set_config('application_name', ${BATCH_NAME}, true)`, key);
  await client.query(`SAVEPOINT before_lock`);
  await client.query(`SELECT set_config('lock_timeout', $1, true)`, [`${request.patienceMs}ms`]);
  try {
    return await lockAndCompare(client, request);
  } catch (error) {
    if (!hasSqlstate(error, LOCK_NOT_AVAILABLE)) throw error;
  }
  await client.query('ROLLBACK TO SAVEPOINT before_lock');
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = ${BATCH_NAME} AND usename = current_user AND pid <> pg_backend_pid()`,
    key,
  );
  await client.query(`SELECT set_config('lock_timeout', $1, true)`, [`${request.patienceMs}ms`]);
  try {
    return await lockAndCompare(client, request);
  } catch (error) {
    if (hasSqlstate(error, LOCK_NOT_AVAILABLE))
      throw new IntervalBusy('the interval is locked by another session');
    throw error;
  }
}

async function lockAndCompare(client: ClientBase, request: LockRequest): Promise<LockedInterval> {
  const [locked] = await queryRows(
    client,
    z.object({ position: z.string(), epoch: pgInteger, rewrite: pgBoolean }),
    `SELECT position, epoch, rewrite FROM tidemark.intervals
     WHERE sync = $1 AND "table" = $2 AND id = $3 FOR UPDATE`,
    [request.sync, request.table, request.interval],
  );
  if (locked?.epoch !== request.epoch) throw new Superseded(await readRun(client, request));
  await client.query(`SET LOCAL lock_timeout = 0`);
  return locked;
}

/** The run that planned the table last. */
async function readRun(client: ClientBase, { sync, table }: CheckpointKey): Promise<string | null> {
  const [owner] = await queryRows(
    client,
    z.object({ run: z.string().nullable() }),
    `SELECT run FROM tidemark.tables WHERE sync = $1 AND "table" = $2`,
    [sync, table],
  );
  return owner?.run ?? null;
}
