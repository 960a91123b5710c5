import { cancellationSignal, sleep } from '@temporalio/activity';
import type { ClientBase } from 'pg';
import { type IntegerObservation, integerHorizon } from '../plan/integer-horizon';
import type { Cursor } from '../postgres/cursor-range';
import { observeInteger } from '../source/observe-integer';
import { hasClock, readHorizon } from '../source/read-horizon';
import { describeTransaction } from './describe-transaction';

export interface ChosenHorizon {
  /** In ticks; undefined where nothing is safe to read yet. */
  horizon: bigint | undefined;
  /** For the next run, where the cursor column is an integer. */
  observation: IntegerObservation | undefined;
  warnings: string[];
}

export interface HorizonOptions {
  settleDelayMs: number;
  timeZone: string | undefined;
  /** What an earlier run saw of an integer cursor column. */
  observed: IntegerObservation | undefined;
}

const LOOK_AGAIN_MS = 250;

/** Up to where a run may read: beyond it a row may still commit that belongs below what has been read. */
export async function chooseHorizon(
  client: ClientBase,
  cursor: Cursor,
  options: HorizonOptions,
): Promise<ChosenHorizon> {
  const { kind } = cursor;
  if (!hasClock(kind)) return watchInteger(client, cursor, options);
  const { settleDelayMs, timeZone } = options;
  const found = await readHorizon(client, {
    kind,
    settleDelayMs,
    ...(timeZone !== undefined && { timeZone }),
  });
  const warnings = [
    ...(found.heldBackBy ? [`the horizon is held back by ${describeTransaction(found.heldBackBy)}`] : []),
    ...(found.unknown === undefined ? [] : [`the horizon rests on the settle delay alone: ${found.unknown}`]),
    ...(found.isStandby
      ? ["the source is a standby: the primary's open transactions do not show there"]
      : []),
  ];
  return { horizon: found.horizon, observation: undefined, warnings };
}

/**
 * Integers have no clock. The largest number seen becomes the horizon once every transaction that was open then has
 * ended; that is waited for as long as the settle delay. Where one lasts longer, what an earlier run saw serves.
 */
async function watchInteger(
  client: ClientBase,
  cursor: Cursor,
  { settleDelayMs, observed }: HorizonOptions,
): Promise<ChosenHorizon> {
  const first = await observeInteger(client, cursor);
  if (first.maximum === undefined) return { horizon: undefined, observation: observed, warnings: [] };
  const seen = { maximum: first.maximum, at: first.at };
  const settled = seen.at + BigInt(settleDelayMs) * 1000n;
  let latest = first;
  while (
    latest.at < settled &&
    (latest.unknown !== undefined || (latest.oldestOpen && latest.oldestOpen.since <= seen.at))
  ) {
    await sleep(LOOK_AGAIN_MS);
    cancellationSignal().throwIfAborted();
    latest = await observeInteger(client, cursor);
  }
  const { oldestOpen, unknown } = latest;
  const horizon = integerHorizon(observed ? [observed, seen] : [seen], oldestOpen?.since);
  const held = horizon === seen.maximum + 1n ? undefined : oldestOpen;
  const warnings = [
    ...(held ? [`the horizon is held back by ${describeTransaction(held)}`] : []),
    ...(unknown === undefined ? [] : [`the horizon rests on the settle delay alone: ${unknown}`]),
  ];
  return { horizon, observation: horizon === undefined && observed ? observed : seen, warnings };
}
