import { toStretches } from '../plan/chunk-stretches';
import { type CursorKind, isTime, parseCursorValue, rangeOfKind } from '../plan/cursor-value';
import { type Interval, without } from '../plan/intervals';
import type { CheckpointLook, DifferingStretch, Lag, SourceTableLook } from './looks';
import type { Strip } from './snapshot';
import { drawStrip, type StripInput } from './strip';

type Stretch = StripInput['stretches'][number];

/**
 * Where every stretch of a table stands:
 * 1. below the watermark: copied, unless an interval says otherwise;
 * 2. in the intervals of a run: copied up to the position, then under way, or waiting where nothing of it is copied yet;
 * 3. above both, up to the source's newest row: waiting for the next run;
 * 4. chunks that were compared once and are gone at the source; stretches that the last comparison found to differ.
 *
 * Undefined where nothing is known of the table's span.
 */
export function tableStrip(
  { checkpoint, intervals, baselines }: CheckpointLook,
  source: SourceTableLook | undefined,
  differing: readonly DifferingStretch[],
): Strip | undefined {
  const kind = checkpoint.spec?.cursor.kind;
  if (!kind) return undefined;
  const watermark = checkpoint.watermark === null ? null : parseCursorValue(kind, checkpoint.watermark);
  const chunks = source?.chunks ?? [];
  const newest = watermark === null ? null : watermark + ticksOf(kind, source?.lag ?? null);
  const [lowest, highest] = rangeOfKind(kind);
  const ends = [
    ...(source?.span ? [source.span.min, source.span.max + 1n] : []),
    ...(newest === null ? [] : [newest]),
    ...[...intervals, ...baselines.filter(({ chunk }) => chunk !== '')].flatMap(({ lower, upper }) => [
      lower,
      upper,
    ]),
    ...chunks.map(({ lower }) => lower),
  ].filter((ticks) => ticks > lowest && ticks <= highest);
  if (ends.length === 0) return undefined;
  const span = { lower: least(ends), upper: greatest(ends) };
  if (span.lower >= span.upper) return undefined;

  const planned = intervals.flatMap(({ lower, upper, position }): Stretch[] => [
    { lower, upper: position, state: 'copied' },
    { lower: position, upper, state: position > lower ? 'underWay' : 'waiting' },
  ]);
  const uncopied = planned.filter(({ state }) => state !== 'copied');
  const done = watermark === null ? [] : withoutSorted({ lower: span.lower, upper: watermark }, uncopied);
  const plannedTo = greatest([watermark ?? span.lower, ...intervals.map(({ upper }) => upper)]);
  const found = differing.map(({ lower, upper }) => ({
    lower: parseCursorValue(kind, lower),
    upper: parseCursorValue(kind, upper),
  }));
  return drawStrip({
    kind,
    span,
    watermark,
    stretches: [
      ...marked(done, 'copied'),
      ...planned,
      ...marked(newest === null ? [] : [{ lower: plannedTo, upper: newest }], 'waiting'),
      ...marked(source?.chunks ? dropped(baselines, source.chunks) : [], 'dropped'),
      ...marked(found, 'differing'),
    ].filter(({ lower, upper }) => lower < upper),
    chunks,
  });
}

function marked(stretches: readonly Interval[], state: Stretch['state']): Stretch[] {
  return stretches.map(({ lower, upper }) => ({ lower, upper, state }));
}

/** Chunks that are gone, as far as no other has taken their place: some are merged, or made anew by late rows. */
function dropped(
  baselines: CheckpointLook['baselines'],
  chunks: NonNullable<SourceTableLook['chunks']>,
): Interval[] {
  const there = new Set(chunks.map(({ name }) => name));
  const gone = baselines.filter(({ chunk }) => chunk !== '' && !there.has(chunk));
  if (gone.length === 0) return [];
  return without(gone, joined(toStretches(chunks)));
}

/** Neighbours as one. */
function joined(sorted: readonly Interval[]): Interval[] {
  const found: Interval[] = [];
  for (const { lower, upper } of sorted) {
    const last = found.at(-1);
    if (last?.upper === lower) last.upper = upper;
    else found.push({ lower, upper });
  }
  return found;
}

/** An interval without these holes, in one pass: there may be thousands. */
function withoutSorted({ lower, upper }: Interval, holes: readonly Interval[]): Interval[] {
  const parts: Interval[] = [];
  let from = lower;
  for (const hole of [...holes].sort((a, b) => (a.lower < b.lower ? -1 : 1))) {
    if (hole.lower > from) parts.push({ lower: from, upper: hole.lower < upper ? hole.lower : upper });
    if (hole.upper > from) from = hole.upper;
  }
  return [...parts, { lower: from, upper }].filter((part) => part.lower < part.upper);
}

function ticksOf(kind: CursorKind, lag: Lag | null): bigint {
  if (lag === null || 'unknown' in lag) return 0n;
  if ('ticks' in lag) return BigInt(lag.ticks);
  if (!isTime(kind)) return 0n;
  return kind === 'date' ? BigInt(Math.round(lag.ms / 86_400_000)) : BigInt(Math.round(lag.ms)) * 1000n;
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b < a ? b : a));
}

function greatest(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (b > a ? b : a));
}
