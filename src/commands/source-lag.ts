import type { PoolClient } from 'pg';
import { describeTransaction } from '../activities/describe-transaction';
import { isTime, parseCursorValue, ticksToMilliseconds } from '../plan/cursor-value';
import { describeError } from '../postgres/describe-error';
import type { Cursor } from '../postgres/cursor-range';
import { readHorizon } from '../source/read-horizon';
import { readSpan } from '../source/read-span';

/** How far the source's newest row is above the watermark: a duration, or for integers a difference, as text. */
export type Lag = { ms: number } | { ticks: string } | { unknown: string };

/** Looks for the source's newest row. Rows of the future count, as far as they are ahead. */
export async function readLag(client: PoolClient, cursor: Cursor, watermark: string): Promise<Lag> {
  const { kind } = cursor;
  const from = parseCursorValue(kind, watermark);
  try {
    const span = await readSpan(client, cursor, from);
    const ticks = span ? span.max + 1n - from : 0n;
    return isTime(kind) ? { ms: Math.ceil(ticksToMilliseconds(kind, ticks)) } : { ticks: ticks.toString() };
  } catch (error) {
    // One table that is gone or closed to us must not hide the others.
    const { code, message } = describeError(error);
    if (code === undefined) throw error;
    return { unknown: message };
  }
}

/** What holds the horizon back; null where nothing does that can be seen. */
export async function readHeldBack(client: PoolClient, settleDelayMs: number): Promise<string | null> {
  const { heldBackBy } = await readHorizon(client, { kind: 'timestamptz', settleDelayMs });
  return heldBackBy ? describeTransaction(heldBackBy) : null;
}
