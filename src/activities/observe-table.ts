import { log } from '@temporalio/activity';
import type { ChosenHorizon } from './choose-horizon';
import type { Dependencies } from './dependencies';
import type { TableLabels } from './metrics';
import { secondsBetween, unixSeconds } from './source-clock';

/** Counters that are there from a table's first plan on, so that the first increase of each shows. */
const fromTheBeginning = [
  'tidemark_rows',
  'tidemark_bytes',
  'tidemark_batches',
  'tidemark_batches_repeated',
  'tidemark_batches_already_applied',
  'tidemark_batches_fenced',
] as const;

/** Measures how far behind a table was when it was planned. `watermark` is in ticks, before anything is copied. */
export function observeLag(
  { metrics }: Dependencies,
  labels: TableLabels,
  { sourceClock, heldSeconds }: ChosenHorizon,
  watermark: bigint | undefined,
): void {
  if (!metrics) return;
  for (const name of fromTheBeginning) metrics.add(name, 0, labels);
  metrics.set('tidemark_horizon_held_seconds', heldSeconds, labels);
  if (!sourceClock || watermark === undefined) return;
  const at = unixSeconds(sourceClock, watermark);
  metrics.set('tidemark_watermark_timestamp_seconds', at, labels);
  metrics.set('tidemark_lag_seconds', secondsBetween(BigInt(Math.round(at * 1e6)), sourceClock.now), labels);
}

/** Notes that a table is copied up to its horizon, which is the time `watermarkAt` where it has a clock. */
export function observeCompleted(
  { metrics }: Dependencies,
  labels: TableLabels,
  watermarkAt: number | undefined,
): void {
  metrics?.set('tidemark_completed_timestamp_seconds', Date.now() / 1000, labels);
  if (watermarkAt !== undefined) metrics?.set('tidemark_watermark_timestamp_seconds', watermarkAt, labels);
}

/** Tells the log of a table's plan. */
export function logPlan(plan: { intervals: unknown[]; horizon: string | null; warnings: string[] }): void {
  log.info('table planned', { intervals: plan.intervals.length, horizon: plan.horizon });
  for (const warning of plan.warnings) log.warn(warning);
}
