import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { bothEnded } from './both-ended';
import type { Baseline, SeenChunk } from '../destination/baselines';
import { destinationRows } from '../destination/compared-rows';
import { coveredParts, markStretches } from '../plan/chunk-stretches';
import { cutEvenly, type Interval, tile } from '../plan/intervals';
import type { TableSpec } from '../plan/table-spec';
import { readComparedSpan } from '../postgres/row-digest';
import { sourceRows } from '../source/compared-rows';
import { type Chunk, readChunks } from '../source/read-chunks';
import type { Counters } from '../source/read-counters';

/** A stretch of a table that is compared at once, and whether anything hints at a change in it. */
export interface ComparedStretch extends Interval {
  changed: boolean;
  /** Its chunk was made anew after the one before it was dropped. */
  archive: boolean;
}

export interface Stretches {
  stretches: ComparedStretch[];
  /** To be noted as the next baseline. */
  seen: SeenChunk[];
  /** Chunks that were merged into others, and are no baseline any more. */
  forgotten: string[];
  /** Chunks of the ranges that were compared once and are gone, whose rows are kept. */
  dropped: number;
}

interface Situation {
  reader: PoolClient;
  writer: PoolClient;
  spec: TableSpec;
  watermark: bigint;
  baselines: Baseline[];
  counters: Counters;
  estimatedRows: number;
}

/**
 * The stretches of some ranges, sorted: along chunks where the cursor column is their dimension, else buckets of about
 * the same width. Ranges that no chunk covers are left out where what retention dropped is kept: an archive stays one.
 */
export async function comparedStretches(situation: Situation, ranges: Interval[]): Promise<Stretches> {
  const { chunks } = situation.spec;
  return chunks?.alongCursor
    ? alongChunks(situation, ranges, await readChunks(situation.reader, chunks, situation.spec.cursor.kind))
    : inBuckets(situation, ranges);
}

function alongChunks(
  { spec, baselines, counters }: Situation,
  ranges: Interval[],
  chunks: Chunk[],
): Stretches {
  const known = new Map(baselines.map((baseline) => [baseline.chunk, baseline]));
  const there = new Set(chunks.map(({ name }) => name));
  const absent = baselines.filter(({ chunk }) => chunk !== '' && !there.has(chunk));
  // Where chunks that are known cover all of its range, it was merged into them.
  const survivors = markStretches(
    chunks.filter(({ name }) => known.has(name)),
    () => false,
  );
  const merged = absent.filter((chunk) => isCovered(chunk, survivors));
  const gone = absent.filter((chunk) => !merged.includes(chunk));
  const forgotten = merged.map(({ chunk }) => chunk);
  const seen = chunks.map(({ name, lower, upper }) => ({
    chunk: name,
    lower,
    upper,
    counters: counters.byChunk.get(name) ?? '',
    archive: known.get(name)?.archive ?? gone.some((baseline) => overlap(baseline, { lower, upper })),
  }));
  const mayHaveChanged = ({ chunk, counters: now }: SeenChunk): boolean =>
    counters.unknown !== undefined || known.get(chunk)?.settled !== now;
  const changed = markStretches(seen, mayHaveChanged);
  const archive = markStretches(seen, (chunk) => chunk.archive && spec.retention === 'keep');
  const covered = changed.map((stretch, index) => ({
    lower: stretch.lower,
    upper: stretch.upper,
    changed: stretch.marked,
    archive: archive[index]?.marked ?? false,
  }));
  const clippedTo = (range: Interval): ComparedStretch[] =>
    covered.flatMap((stretch) => coveredParts(range, [stretch]).map((part) => ({ ...stretch, ...part })));
  if (spec.retention === 'keep') {
    const kept = gone.filter((chunk) => ranges.some((range) => overlap(chunk, range)));
    const dropped = markStretches(kept, () => false).length;
    return { stretches: ranges.flatMap(clippedTo), seen, forgotten, dropped };
  }
  // Rows of chunks that were dropped are to go as well: what lies between the chunks is compared, too.
  const stretches = ranges.flatMap((range) => {
    const clipped = clippedTo(range);
    const byLower = new Map(clipped.map((stretch) => [stretch.lower, stretch]));
    const cuts = clipped.flatMap(({ lower, upper }) => [lower, upper]);
    return tile(range, cuts).map(
      (piece) => byLower.get(piece.lower) ?? { ...piece, changed: true, archive: false },
    );
  });
  return { stretches, seen, forgotten, dropped: 0 };
}

function isCovered(chunk: Interval, stretches: readonly Interval[]): boolean {
  const [part, ...more] = coveredParts(chunk, stretches);
  return part?.lower === chunk.lower && part.upper === chunk.upper && more.length === 0;
}

function overlap(a: Interval, b: Interval): boolean {
  return a.lower < b.upper && a.upper > b.lower;
}

/** About this many rows are in a bucket. */
const ROWS_PER_BUCKET = 200_000;
const MOST_BUCKETS = 2_000;

async function inBuckets(situation: Situation, ranges: Interval[]): Promise<Stretches> {
  const { reader, writer, spec, watermark, baselines, counters, estimatedRows } = situation;
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined)
    return { stretches: [], seen: [], forgotten: [], dropped: 0 };
  const whole = { lower: first.lower, upper: last.upper };
  const now = createHash('sha256')
    .update([...counters.byChunk].flat().sort().join(' '))
    .digest('hex');
  const changed =
    counters.unknown !== undefined || baselines.find(({ chunk }) => chunk === '')?.settled !== now;
  const seen = [{ chunk: '', ...whole, counters: now, archive: false }];
  const asStretch = (piece: Interval): ComparedStretch => ({ ...piece, changed, archive: false });
  if (!changed) return { stretches: ranges.map(asStretch), seen, forgotten: [], dropped: 0 };
  const source = await sourceRows(reader, spec, watermark);
  const spans = await bothEnded(
    readComparedSpan(reader, source(whole), whole),
    readComparedSpan(writer, destinationRows(spec, undefined), whole),
  );
  const found = spans.filter((span) => span !== undefined);
  const [one] = found;
  if (one === undefined) return { stretches: ranges.map(asStretch), seen, forgotten: [], dropped: 0 };
  const span = found.reduce(
    (both, { min, max }) => ({
      lower: min < both.lower ? min : both.lower,
      upper: max >= both.upper ? max + 1n : both.upper,
    }),
    { lower: one.min, upper: one.max + 1n },
  );
  const buckets = Math.max(1, Math.min(MOST_BUCKETS, Math.ceil(estimatedRows / ROWS_PER_BUCKET)));
  const cuts = cutEvenly(span, buckets);
  return {
    stretches: ranges.flatMap((range) => tile(range, cuts)).map(asStretch),
    seen,
    forgotten: [],
    dropped: 0,
  };
}
