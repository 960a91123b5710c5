import type { TableView } from '../temporal/read-progress';
import { type History, type Speeds, sumOfSpeeds } from './history';
import type { CheckpointLook, DestinationLook, SourceLook, SourceTableLook, TemporalLook } from './looks';
import type { Latest } from './polled';
import { LAG_STEP_MS, type PartSnapshot, RATE_STEP_MS, type Snapshot, type TableSnapshot } from './snapshot';
import { tableStrip } from './table-strip';

/** What has been looked at, as of now. */
export interface Situation {
  sync: string;
  version: string;
  /** Whether the page may act. */
  actions: boolean;
  /** The tables that the configuration names, for as long as the destination has not answered. */
  named: readonly string[];
  temporal: Latest<TemporalLook>;
  source: Latest<SourceLook>;
  destination: Latest<DestinationLook>;
  /** By table, noted up to now. */
  histories: ReadonlyMap<string, History>;
}

/** Puts together what the three say of a sync. What one of them does not answer is left out, and said. */
export function makeSnapshot(situation: Situation, now: number): Snapshot {
  const { temporal, source, destination, histories } = situation;
  const names = destination.value?.tables ?? situation.named;
  const speeds = new Map(names.map((name) => [name, histories.get(name)?.speedsAt(now) ?? noSpeeds]));
  return {
    sync: situation.sync,
    version: situation.version,
    actions: situation.actions,
    at: new Date(now).toISOString(),
    temporal: partOf(temporal),
    source: partOf(source),
    destination: partOf(destination),
    run: temporal.state === 'failed' ? 'it is not known what runs' : (temporal.value?.text ?? ''),
    horizon: source.value?.horizon ?? null,
    ...sumOfSpeeds([...speeds.values()]),
    tables: names.map((name) => tableSnapshot(situation, name, speeds.get(name) ?? noSpeeds, now)),
    runs: temporal.value?.runs ?? [],
    rateStepMs: RATE_STEP_MS,
    lagStepMs: LAG_STEP_MS,
  };
}

const noSpeeds: Speeds = { rowsPerSecond: null, bytesPerSecond: null, rates: { rows: [], bytes: [] } };

function partOf({ state, message, at }: Latest<unknown>): PartSnapshot {
  return { state, message: message ?? null, at: at === undefined ? null : new Date(at).toISOString() };
}

function tableSnapshot(
  { temporal, source, destination, histories }: Situation,
  name: string,
  speeds: Speeds,
  now: number,
): TableSnapshot {
  const found = destination.value?.checkpoints.get(name);
  const atSource = source.value?.tables.get(name);
  // What was under way when Temporal last answered may have ended since.
  const view = temporal.state === 'failed' ? undefined : temporal.value?.views.get(name);
  const left = found?.intervals.filter(({ position, upper }) => position < upper).length ?? 0;
  return {
    table: name,
    state: destination.value || view ? stateOf(view, found, left) : 'unknown',
    rows: destination.value ? rowsOf(found) : null,
    watermark: found?.checkpoint.watermark ?? null,
    lag: atSource?.lag ?? null,
    part: view?.part ?? null,
    intervals: found?.intervals.length ?? 0,
    intervalsLeft: left,
    chunks: atSource?.chunks?.length ?? null,
    completedAt: found?.checkpoint.completedAt ?? null,
    reconciledAt: found?.checkpoint.reconciledAt ?? null,
    trouble: troubleOf(view) ?? temporal.value?.trouble.get(name) ?? null,
    warnings: view?.warnings ?? [],
    ...speeds,
    lags: histories.get(name)?.lagsAt(now) ?? [],
    strip: found ? (stripOf(found, atSource, temporal.value, name) ?? null) : null,
    link: view?.link ?? null,
  };
}

function stripOf(
  found: CheckpointLook,
  atSource: SourceTableLook | undefined,
  temporal: TemporalLook | undefined,
  name: string,
) {
  return tableStrip(found, atSource, temporal?.differing.get(name) ?? []);
}

/** Copied by all runs so far. */
export function rowsOf(found: CheckpointLook | undefined): number {
  if (!found) return 0;
  return found.checkpoint.rows + found.intervals.reduce((sum, { rows }) => sum + rows, 0);
}

function stateOf(view: TableView | undefined, found: CheckpointLook | undefined, left: number): string {
  if (view) return view.heldUp ? 'held up' : view.state;
  if (left > 0) return 'begun';
  return found?.checkpoint.watermark == null ? 'not copied' : 'copied';
}

function troubleOf(view: TableView | undefined): string | undefined {
  if (view?.error) return `failed: ${view.error.message}`;
  return view?.heldUp && `waiting to try again (attempt ${view.heldUp.attempt}): ${view.heldUp.message}`;
}
