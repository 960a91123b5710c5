import { activityInfo } from '@temporalio/activity';
import type { PoolClient } from 'pg';
import { advancePosition } from '../destination/advance-position';
import { lockInterval } from '../destination/lock-interval';
import { noteGone } from '../destination/note-gone';
import { readSpec } from '../destination/read-spec';
import { KeyCollision, type Life, writeBatch } from '../destination/write-batch';
import { formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import type { Interval } from '../plan/intervals';
import { nextWidth, type Piece } from '../plan/pieces';
import type { TableSpec } from '../plan/table-spec';
import type { BatchInput, BatchResult } from '../plan/wire';
import { keepInUse } from '../postgres/keep-in-use';
import { countRows } from '../source/count-rows';
import { findRows } from '../source/find-rows';
import { type BatchChunks, batchChunks, ChunkChanged } from './batch-chunks';
import { batchRows } from './batch-rows';
import { chooseBatchEnd } from './choose-batch-end';
import { type BatchMoment, type Dependencies, resourcesOf } from './dependencies';
import { expectTypes } from './expect-types';
import { liftLimit, withFewerRows } from './fewer-rows';
import { expectPartitions, makePartitions } from './make-partitions';
import { observeBatch } from './observe-batch';
import { type Pace, paceOf } from './pace';
import { createPulse } from './pulse';
import { refuseOlderPlan } from './refuse-older-plan';
import { timeBatch } from './time-batch';
import { withBothEnds } from './with-both-ends';

/** How long a batch that may just be committing gets, before its session is ended. */
const LOCK_PATIENCE_MS = 3_000;

/**
 * Copies one batch: the interval's next piece, in one destination transaction.
 *
 * 1. Where does it end? A look at the source's index. It ends between two cursor values, so that ties are never cut.
 *    Where the source has a pace, wait for the turn of that many rows.
 * 2. Lock the interval's checkpoint row and compare: an attempt whose batch is applied already copies nothing, and
 *    one that a newer run has superseded is refused.
 * 3. Move the rows of `[position, end)`, look whether their chunks and the columns' types are what they were, and commit
 *    them together with the new position.
 */
export async function copyBatch(dependencies: Dependencies, input: BatchInput): Promise<BatchResult> {
  const pace = paceOf(dependencies, input.sync);
  const rows = Math.min(input.rows, pace?.rowsPerSecond ?? input.rows);
  const result = await withFewerRows({ ...input, rows }, async (batch, unlimited) => {
    let { straight } = batch;
    for (let fenced = 0; ;) {
      try {
        return { ...(await attempt(dependencies, { ...batch, straight }, pace, unlimited)), fenced };
      } catch (error) {
        if (error instanceof KeyCollision) straight = false;
        else if (error instanceof ChunkChanged && fenced < MOST_FENCED) fenced += 1;
        else throw error;
      }
    }
  });
  observeBatch(dependencies, input, result);
  return result;
}

/** So often a batch whose chunks change is read again at once; then Temporal waits before it does. */
const MOST_FENCED = 3;

/** Each attempt that failed halves the next one's batch, for whatever only a smaller one gets through. */
const MOST_HALVINGS = 8;

async function attempt(
  dependencies: Dependencies,
  input: BatchInput,
  pace: Pace | undefined,
  unlimited: boolean,
): Promise<BatchResult> {
  const resources = resourcesOf(dependencies, input.sync);
  const reached = (moment: BatchMoment) => dependencies.reached?.(moment, input);
  const timeoutMs = resources.config.source.queryTimeoutMs;
  const pulse = createPulse();
  const { sync, table, epoch, interval, straight } = input;
  const { position } = interval;
  const outcome = { attempt: activityInfo().attempt, straight };

  return withBothEnds(resources, async (reader, writer) => {
    const spec = await readSpec(writer, { sync, table, epoch });
    refuseOlderPlan(resources.config, spec);
    const { kind } = spec.cursor;
    const rest = { lower: parseCursorValue(kind, position), upper: parseCursorValue(kind, interval.upper) };
    const chunks = await pulse.while(batchChunks(reader, spec, rest));
    const rowsWanted = halved(input.rows);
    const piece = await pulse.while(chooseEnd(reader, spec, rest, chunks, { ...input, rows: rowsWanted }));
    const range = { lower: rest.lower, upper: piece.end };
    await pulse.while(makePartitions(reader, writer, spec, range));
    if (pace) {
      const cursor = { table: spec.source, column: spec.cursor.column, kind };
      await pace.turn(writer, await pulse.while(countRows(reader, cursor, range)));
    }
    await reached('before-begin');
    const timer = timeBatch(dependencies.metrics, { sync, table });
    await writer.query('BEGIN');
    // It would count the whole of a COPY, pauses of the source included.
    await writer.query('SET LOCAL statement_timeout = 0');
    if (unlimited) await liftLimit(writer);
    const lock = { sync, table, epoch, interval: interval.id, patienceMs: LOCK_PATIENCE_MS };
    const locked = await pulse.while(lockInterval(writer, lock));
    await reached('locked');
    if (locked.position !== position) {
      await writer.query('ROLLBACK');
      return { ...outcome, position: locked.position, rows: 0, bytes: 0, alreadyApplied: true };
    }
    const endText = formatCursorValue(kind, piece.end);
    const fence = async (): Promise<void> => {
      timer.read();
      await chunks?.fence(range);
      await expectTypes(reader, 'source', spec);
    };
    const moved: Life['moved'] = () => {
      void reached('mid-copy');
      return pulse.moved();
    };
    const { deleted, ...written } = await expectPartitions(
      spec,
      writeBatch(writer, {
        spec,
        range,
        deletable: chunks?.deletable(range) ?? [range],
        rows: timer.reading(batchRows(reader, spec, range, { timeoutMs, fence })),
        straight,
        rewrite: locked.rewrite,
        findAtSource: (columns, rows) => keepInUse(writer, findRows(reader, spec, columns, rows)),
        life: { ...pulse, moved },
      }),
    );
    await pulse.while(expectTypes(writer, 'destination', spec));
    await pulse.while(noteGone(writer, input, spec, deleted - written.rows));
    await advancePosition(
      writer,
      { sync, table, interval: interval.id },
      { position: endText, rows: written.rows },
    );
    await reached('before-commit');
    await pulse.while(writer.query('COMMIT'));
    timer.committed();
    await reached('committed');
    const width = piece.whole && { width: nextWidth(range, written.rows, rowsWanted).toString() };
    return { ...outcome, ...written, ...width, position: endText, alreadyApplied: false };
  });
}

function halved(rows: number): number {
  return Math.max(1, Math.floor(rows / 2 ** halvings()));
}

function halvings(): number {
  return Math.min(activityInfo().attempt - 1, MOST_HALVINGS);
}

function chooseEnd(
  reader: PoolClient,
  spec: TableSpec,
  rest: Interval,
  chunks: BatchChunks | undefined,
  { interval, rows }: BatchInput,
): Promise<Piece> {
  const { column, kind } = spec.cursor;
  const width = interval.width === undefined ? undefined : BigInt(interval.width) >> BigInt(halvings());
  const stretches = chunks?.stretches ?? [];
  return chooseBatchEnd(reader, { table: spec.source, column, kind }, { rest, rows, width, stretches });
}
