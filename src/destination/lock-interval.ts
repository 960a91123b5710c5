import type { ClientBase } from 'pg';
import { z } from 'zod';
import { pgBoolean, pgInteger } from '../postgres/query';
import { batchName, lockPatiently } from './patient-lock';
import type { CheckpointKey } from './read-checkpoint';
import { readStored, storedCursor } from './read-stored';

/** A newer run has taken the table over: this one's batches are refused. */
export class Superseded extends Error {
  constructor(readonly by: string | null) {
    super(`superseded by ${by ?? 'another run'}`);
  }
}

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

/**
 * Locks an interval's checkpoint row and returns its position, within the transaction that is to write the batch.
 * Everything that makes a batch exactly-once hangs on this lock being taken first and compared inside: a check made
 * before the transaction lets a worker that was paused apply its batch again. Temporal has given the batch to us, so
 * a session that holds the row longer than `patienceMs` is ended.
 */
export async function lockInterval(client: ClientBase, request: LockRequest): Promise<LockedInterval> {
  const key = [request.sync, request.table, request.interval];
  const name = batchName('$1', '$2', '$3');
  await client.query(`SELECT set_config('application_name', ${name}, true)`, key);
  return lockPatiently(client, request.patienceMs, { text: `SELECT ${name}`, values: key }, () =>
    lockAndCompare(client, request),
  );
}

async function lockAndCompare(client: ClientBase, request: LockRequest): Promise<LockedInterval> {
  const [locked] = await readStored(
    client,
    z.object({ position: storedCursor, epoch: pgInteger, rewrite: pgBoolean }),
    `SELECT position, epoch, rewrite FROM tidemark.intervals
     WHERE sync = $1 AND "table" = $2 AND id = $3 FOR UPDATE`,
    [request.sync, request.table, request.interval],
  );
  if (locked?.epoch !== request.epoch) throw new Superseded(await readRun(client, request));
  return locked;
}

/** The run that planned the table last. */
async function readRun(client: ClientBase, { sync, table }: CheckpointKey): Promise<string | null> {
  const [owner] = await readStored(
    client,
    z.object({ run: z.string().nullable() }),
    `SELECT run FROM tidemark.tables WHERE sync = $1 AND "table" = $2`,
    [sync, table],
  );
  return owner?.run ?? null;
}
