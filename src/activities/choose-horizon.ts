import { cancellationSignal, sleep } from '@temporalio/activity';
import type { ClientBase } from 'pg';
import { groupStretches } from '../plan/chunk-groups';
import { toStretches } from '../plan/chunk-stretches';
import { everything } from '../plan/cursor-value';
import { type IntegerObservation, integerHorizon } from '../plan/integer-horizon';
import type { Cursor } from '../postgres/cursor-range';
import { countRows } from '../source/count-rows';
import { type IntegerSighting, observeInteger } from '../source/observe-integer';
import { readChunks } from '../source/read-chunks';
import { hasClock, readHorizon } from '../source/read-horizon';
import type { Dimension } from '../source/read-hypertables';
import { readIntegerNow } from '../source/read-integer-now';
import { readMaterialized } from '../source/read-materialized';
import { describeTransaction } from './describe-transaction';
import { secondsBetween, type SourceClock } from './source-clock';

export interface ChosenHorizon {
  /** In ticks; undefined where nothing is safe to read yet. */
  horizon: bigint | undefined;
  /** For the next run, where the cursor column is an integer. */
  observation: IntegerObservation | undefined;
  warnings: string[];
  /** Undefined where the cursor column has no clock. */
  sourceClock?: SourceClock;
  /** How long the transaction that holds the horizon back has been open; 0 where none does. */
  heldSeconds: number;
}

export interface HorizonOptions {
  settleDelayMs: number;
  timeZone: string | undefined;
  /** What an earlier run saw of an integer cursor column. */
  observed: IntegerObservation | undefined;
  /** There where the cursor column is the table's time dimension, or a continuous aggregate's bucket. */
  dimension: (Dimension & { aggregate: boolean }) | undefined;
}

const LOOK_AGAIN_MS = 250;
/** What a primary commits a standby shows a moment later: it is waited for so much longer, in microseconds. */
const REPLAY_ALLOWANCE = 1_000_000n;

/**
 * Up to where a run may read: beyond it a row may still commit that belongs below what has been read. Of a continuous
 * aggregate no more than what is materialized, and of that no bucket into which rows still come: it goes on changing.
 */
export async function chooseHorizon(
  client: ClientBase,
  cursor: Cursor,
  options: HorizonOptions,
): Promise<ChosenHorizon> {
  const { dimension } = options;
  if (dimension?.aggregate !== true) return byClock(client, cursor, options);
  const materialized = await readMaterialized(client, dimension, cursor.kind);
  if (materialized === undefined)
    return { horizon: undefined, observation: options.observed, warnings: [], heldSeconds: 0 };
  const { latest, bucket } = materialized;
  const { clock, ...chosen } = await byClock(client, cursor, options);
  const complete = clock === undefined || bucket === undefined ? undefined : clock - bucket + 1n;
  return { ...chosen, horizon: earlier(earlier(chosen.horizon, latest + 1n), complete) };
}

function earlier(horizon: bigint | undefined, bound: bigint | undefined): bigint | undefined {
  return horizon !== undefined && bound !== undefined && horizon > bound ? bound : horizon;
}

/** `clock`: up to where rows are settled, whether or not there are any. */
type ByClock = ChosenHorizon & { clock: bigint | undefined };

async function byClock(client: ClientBase, cursor: Cursor, options: HorizonOptions): Promise<ByClock> {
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
  const { horizon, serverTime, instant, heldBackBy } = found;
  return {
    horizon,
    clock: horizon,
    observation: undefined,
    warnings,
    // The earliest local time that the instant shows in: for a timestamp, so many microseconds lie between them.
    sourceClock: { kind, now: serverTime, offset: kind === 'timestamp' ? instant - horizon : 0n },
    heldSeconds: heldBackBy ? secondsBetween(heldBackBy.since, serverTime) : 0,
  };
}

/**
 * Integers have no clock. The largest number seen becomes the horizon once every transaction that was open then has
 * ended; that is waited for as long as the settle delay. Where one lasts longer, or a standby does not replay that much
 * meanwhile, what an earlier run saw serves. Numbers beyond the hypertable's own now, where it has one, are of the
 * future; it is asked before the look, since numbers are handed out from then on.
 */
async function watchInteger(
  client: ClientBase,
  cursor: Cursor,
  { settleDelayMs, observed, dimension }: HorizonOptions,
): Promise<ByClock> {
  const name = dimension?.integerNow;
  const now = name === undefined ? undefined : await readIntegerNow(client, name, cursor.kind);
  const nowWarnings = now && 'unknown' in now ? [now.unknown] : [];
  const from = await lowestOfLatest(client, cursor, dimension);
  const first = await observeInteger(client, cursor, from);
  if (first.maximum === undefined)
    return {
      ...{ horizon: undefined, clock: undefined, observation: observed },
      ...{ warnings: nowWarnings, heldSeconds: 0 },
    };
  const clock = now && 'value' in now ? now.value : undefined;
  const present = clock === undefined ? first.maximum : clock - 1n;
  const seen = { maximum: present < first.maximum ? present : first.maximum, at: first.at };
  const settleDelay = BigInt(Math.ceil(settleDelayMs * 1000));
  const deadline = first.serverTime + settleDelay + (first.isStandby ? REPLAY_ALLOWANCE : 0n);
  let latest = first;
  let openSince = mayBeOpenSince(latest, settleDelay);
  while (latest.serverTime < deadline && openSince !== undefined && openSince <= seen.at) {
    await sleep(LOOK_AGAIN_MS);
    cancellationSignal().throwIfAborted();
    latest = await observeInteger(client, cursor, from);
    openSince = mayBeOpenSince(latest, settleDelay);
  }
  const { oldestOpen, unknown } = latest;
  const horizon = integerHorizon(observed ? [observed, seen] : [seen], openSince);
  const held = horizon === seen.maximum + 1n ? undefined : oldestOpen;
  const warnings = [
    ...nowWarnings,
    ...(held ? [`the horizon is held back by ${describeTransaction(held)}`] : []),
    ...(unknown === undefined ? [] : [`the horizon rests on the settle delay alone: ${unknown}`]),
  ];
  const heldSeconds = held ? secondsBetween(held.since, latest.serverTime) : 0;
  const observation = horizon === undefined && observed ? observed : seen;
  return { horizon, clock, observation, warnings, heldSeconds };
}

/**
 * Since when a transaction may be open, undefined where none can be. One that cannot be seen is taken to last no longer
 * than the settle delay.
 */
function mayBeOpenSince(
  { oldestOpen, unknown, present }: IntegerSighting,
  settleDelay: bigint,
): bigint | undefined {
  const unseen = unknown === undefined ? undefined : present - settleDelay + 1n;
  return earlier(oldestOpen?.since, unseen) ?? unseen;
}

/** Where to look for the largest number: in all chunks at once a query may not be able to (plan/chunk-groups.ts). */
async function lowestOfLatest(
  client: ClientBase,
  cursor: Cursor,
  dimension: HorizonOptions['dimension'],
): Promise<bigint | undefined> {
  if (dimension === undefined || dimension.aggregate) return undefined;
  const chunks = await readChunks(client, dimension, cursor.kind);
  const groups = groupStretches(everything(cursor.kind), toStretches(chunks)).reverse();
  for (const group of groups.slice(0, -1))
    if ((await countRows(client, cursor, group, 1)) > 0) return group.lower;
  return groups.at(-1)?.lower;
}
