import { activityInfo } from '@temporalio/activity';
import type { PoolClient } from 'pg';
import { advancePosition } from '../destination/advance-position';
import { lockInterval } from '../destination/lock-interval';
import { readSpec } from '../destination/read-spec';
import { KeyCollision, type Life, writeBatch } from '../destination/write-batch';
import { formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import type { TableSpec } from '../plan/table-spec';
import type { BatchInput, BatchResult } from '../plan/wire';
import { findBatchEnd } from '../source/find-batch-end';
import { batchRows } from './batch-rows';
import { type BatchMoment, type Dependencies, resourcesOf } from './dependencies';
import { liftLimit, withFewerRows } from './fewer-rows';
import { expectPartitions, makePartitions } from './make-partitions';
import { createPulse } from './pulse';
import { withBothEnds } from './with-both-ends';

/** How long a batch that may just be committing gets, before its session is ended. */
const LOCK_PATIENCE_MS = 3_000;

/**
 * Copies one batch: the interval's next piece, in one destination transaction.
 *
 * 1. Where does it end? A look at the source's index. It ends between two cursor values, so that ties are never cut.
 * 2. Lock the interval's checkpoint row and compare: an attempt whose batch is applied already copies nothing, and
 *    one that a newer run has superseded is refused.
 * 3. Move the rows of `[position, end)` and commit them together with the new position.
 */
export async function copyBatch(dependencies: Dependencies, input: BatchInput): Promise<BatchResult> {
  return withFewerRows(input, async (batch, unlimited) => {
    try {
      return await attempt(dependencies, batch, unlimited);
    } catch (error) {
      if (!(error instanceof KeyCollision)) throw error;
      return attempt(dependencies, { ...batch, straight: false }, unlimited);
    }
  });
}

/** Each attempt that failed halves the next one's batch, for whatever only a smaller one gets through. */
const MOST_HALVINGS = 8;

async function attempt(
  dependencies: Dependencies,
  input: BatchInput,
  unlimited: boolean,
): Promise<BatchResult> {
  const resources = resourcesOf(dependencies, input.sync);
  const reached = (moment: BatchMoment): void => dependencies.reached?.(moment, input);
  const timeoutMs = resources.config.source.queryTimeoutMs;
  const pulse = createPulse();
  const { sync, table, epoch, interval, straight } = input;
  const { position } = interval;
  const outcome = { attempt: activityInfo().attempt, straight };

  return withBothEnds(resources, async (reader, writer) => {
    const spec = await readSpec(writer, { sync, table, epoch });
    const end = await pulse.while(batchEnd(reader, spec, input));
    const range = { lower: parseCursorValue(spec.cursor.kind, position), upper: end };
    await pulse.while(makePartitions(reader, writer, spec, range));
    reached('before-begin');
    await writer.query('BEGIN');
    // It would count the whole of a COPY, pauses of the source included.
    await writer.query('SET LOCAL statement_timeout = 0');
    if (unlimited) await liftLimit(writer);
    const lock = { sync, table, epoch, interval: interval.id, patienceMs: LOCK_PATIENCE_MS };
    const locked = await pulse.while(lockInterval(writer, lock));
    reached('locked');
    if (locked.position !== position) {
      await writer.query('ROLLBACK');
      return { ...outcome, position: locked.position, rows: 0, bytes: 0, alreadyApplied: true };
    }
    const endText = formatCursorValue(spec.cursor.kind, end);
    const rows = batchRows(reader, spec, range, timeoutMs);
    const moved: Life['moved'] = () => {
      reached('mid-copy');
      return pulse.moved();
    };
    const written = await expectPartitions(
      spec,
      writeBatch(writer, {
        spec,
        range,
        rows,
        straight,
        rewrite: locked.rewrite,
        life: { ...pulse, moved },
      }),
    );
    await advancePosition(
      writer,
      { sync, table, interval: interval.id },
      { position: endText, rows: written.rows },
    );
    reached('before-commit');
    await pulse.while(writer.query('COMMIT'));
    reached('committed');
    return { ...outcome, ...written, position: endText, alreadyApplied: false };
  });
}

function batchEnd(
  reader: PoolClient,
  spec: TableSpec,
  { interval, rows: wanted }: BatchInput,
): Promise<bigint> {
  const { column, kind } = spec.cursor;
  const halvings = Math.min(activityInfo().attempt - 1, MOST_HALVINGS);
  const rows = Math.max(1, Math.floor(wanted / 2 ** halvings));
  const [position, upper] = [interval.position, interval.upper].map((bound) => parseCursorValue(kind, bound));
  return findBatchEnd(reader, { table: spec.source, column, kind }, position ?? 0n, upper ?? 0n, rows);
}
