import type { ClientBase } from 'pg';
import { formatCursorValue } from '../plan/cursor-value';
import type { IntegerObservation } from '../plan/integer-horizon';
import type { IntervalProgress } from '../plan/intervals';
import type { TableSpec } from '../plan/table-spec';
import { deferKey } from './defer-key';
import { lockIntervals, readIntervals, replaceIntervals } from './intervals';
import type { CheckpointKey } from './read-checkpoint';

export interface NewPlan {
  /** The epoch that was read before planning; 0 for a table that was never planned. */
  epoch: number;
  /** The workflow run that plans, as later runs name it when they refuse its batches. */
  run: string;
  /** Which of its activities plans, and the how many-eth attempt of that. */
  activity: string;
  attempt: number;
  spec: TableSpec;
  /** The destination's table was just made, and its key comes after its first load. */
  deferKey: boolean;
  planned: bigint | undefined;
  /** Below this the destination may hold rows from before a resync, that are still to be rewritten. */
  rewriteBelow: bigint | undefined;
  /** Which source database the rows come from. */
  source: string;
  observation: IntegerObservation | undefined;
  /** Called with the intervals as they are once nobody can change them any more. */
  intervals: (unfinished: IntervalProgress[]) => IntervalProgress[];
}

/** Somebody else planned this table since the epoch was read, or a later attempt has planned it before. */
export class PlanOvertaken extends Error {}

/**
 * Takes the table over: a new epoch, and the intervals that the run is to copy. From then on batches of earlier
 * epochs are refused. Compares the epoch with the one read before planning, so that an attempt that was paused while
 * another one planned cannot take the table back; nor can one that was paused before it read the epoch: a later attempt
 * of the same activity stands. Returns the new epoch and the stored intervals.
 */
export async function storePlan(
  client: ClientBase,
  key: CheckpointKey,
  plan: NewPlan,
): Promise<{ epoch: number; intervals: (IntervalProgress & { id: number })[] }> {
  const { kind } = plan.spec.cursor;
  await client.query('BEGIN');
  await client.query(`INSERT INTO tidemark.tables (sync, "table") VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
    key.sync,
    key.table,
  ]);
  const taken = await client.query(
    `UPDATE tidemark.tables SET epoch = epoch + 1, run = $4, spec = $5, planned = $6, observation = $7,
       rewrite_below = $8, source = $9, made = NULL, gone = 0, plan_activity = $10, plan_attempt = $11, planned_at = now()
     WHERE sync = $1 AND "table" = $2 AND epoch = $3
       AND ((run, plan_activity) IS DISTINCT FROM ($4, $10) OR plan_attempt <= $11)`,
    [
      key.sync,
      key.table,
      plan.epoch,
      plan.run,
      JSON.stringify(plan.spec),
      plan.planned === undefined ? null : formatCursorValue(kind, plan.planned),
      plan.observation === undefined
        ? null
        : JSON.stringify({ maximum: String(plan.observation.maximum), at: String(plan.observation.at) }),
      plan.rewriteBelow === undefined ? null : formatCursorValue(kind, plan.rewriteBelow),
      plan.source,
      plan.activity,
      plan.attempt,
    ],
  );
  if (taken.rowCount === 0)
    throw new PlanOvertaken('another run, or a later attempt of this one, has planned this table meanwhile');
  if (plan.deferKey) await deferKey(client, plan.spec.destination);
  await lockIntervals(client, key);
  const unfinished = await readIntervals(client, key, kind);
  const intervals = await replaceIntervals(client, key, kind, plan.intervals(unfinished));
  await client.query('COMMIT');
  return { epoch: plan.epoch + 1, intervals };
}
