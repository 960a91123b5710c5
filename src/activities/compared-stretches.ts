import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
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
  /** Chunks of the range that were compared once and are gone, whose rows are kept. */
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
 * The stretches of a range: along chunks where the cursor column is their dimension, else buckets of about the same
 * width. Ranges that no chunk covers are left out where what retention dropped is kept: an archive stays one.
 */
export async function comparedStretches(situation: Situation, range: Interval): Promise<Stretches> {
  const { chunks } = situation.spec;
  return chunks?.alongCursor
    ? alongChunks(situation, range, await readChunks(situation.reader, chunks, situation.spec.cursor.kind))
    : inBuckets(situation, range);
}

function alongChunks({ spec, baselines, counters }: Situation, range: Interval, chunks: Chunk[]): Stretches {
  const known = new Map(baselines.map((baseline) => [baseline.chunk, baseline]));
  const there = new Set(chunks.map(({ name }) => name));
  const gone = baselines.filter(({ chunk }) => chunk !== '' && !there.has(chunk));
  const seen = chunks.map(({ name, lower, upper }) => ({
    chunk: name,
    lower,
    upper,
    counters: counters.byChunk.get(name) ?? '',
    archive:
      known.get(name)?.archive ?? gone.some((baseline) => baseline.lower < upper && baseline.upper > lower),
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
  const clipped = covered.flatMap((stretch) =>
    coveredParts(range, [stretch]).map((part) => ({ ...stretch, ...part })),
  );
  const overlaps = ({ lower, upper }: Interval): boolean => lower < range.upper && upper > range.lower;
  if (spec.retention === 'keep') return { stretches: clipped, seen, dropped: gone.filter(overlaps).length };
  // Rows of chunks that were dropped are to go as well: what lies between the chunks is compared, too.
  const cuts = clipped.flatMap(({ lower, upper }) => [lower, upper]);
  const byLower = new Map(clipped.map((stretch) => [stretch.lower, stretch]));
  const stretches = tile(range, cuts).map(
    (piece) => byLower.get(piece.lower) ?? { ...piece, changed: true, archive: false },
  );
  return { stretches, seen, dropped: 0 };
}

/** About this many rows are in a bucket. */
const ROWS_PER_BUCKET = 200_000;
const MOST_BUCKETS = 2_000;

async function inBuckets(situation: Situation, range: Interval): Promise<Stretches> {
  const { reader, writer, spec, watermark, baselines, counters, estimatedRows } = situation;
  const now = createHash('sha256')
    .update([...counters.byChunk].flat().sort().join(' '))
    .digest('hex');
  const changed =
    counters.unknown !== undefined || baselines.find(({ chunk }) => chunk === '')?.settled !== now;
  const seen = [{ chunk: '', lower: range.lower, upper: range.upper, counters: now, archive: false }];
  if (!changed) return { stretches: [{ ...range, changed, archive: false }], seen, dropped: 0 };
  const spans = await Promise.all([
    readComparedSpan(reader, sourceRows(spec, range, watermark), range),
    readComparedSpan(writer, destinationRows(spec, undefined), range),
  ]);
  const found = spans.filter((span) => span !== undefined);
  const buckets = Math.max(1, Math.min(MOST_BUCKETS, Math.ceil(estimatedRows / ROWS_PER_BUCKET)));
  const [first] = found;
  const span = found.reduce(
    (both, { min, max }) => ({
      lower: min < both.lower ? min : both.lower,
      upper: max >= both.upper ? max + 1n : both.upper,
    }),
    first ? { lower: first.min, upper: first.max + 1n } : range,
  );
  const stretches = tile(range, cutEvenly(span, buckets)).map((piece) => ({
    ...piece,
    changed,
    archive: false,
  }));
  return { stretches, seen, dropped: 0 };
}
