import type { ClientBase } from 'pg';
import { coveredParts, type Stretch, toStretches } from '../plan/chunk-stretches';
import type { Interval } from '../plan/intervals';
import { losesUntold, type TableSpec } from '../plan/table-spec';
import { type Chunk, readChunks } from '../source/read-chunks';

/** A chunk was compressed, decompressed, rewritten, moved or dropped while its rows were read: read them again. */
export class ChunkChanged extends Error {}

/** What is known of the chunks that an interval's rows are in. */
export interface BatchChunks {
  /** Along the cursor column; where it is not the time dimension, one stretch for the whole interval. */
  stretches: Stretch[];
  /** The parts of a range in which rows may be deleted for what the source holds there now. */
  deletable: (range: Interval) => Interval[];
  /** Throws {@link ChunkChanged} unless the range's chunks are as they were. For the transaction that read the rows. */
  fence: (range: Interval) => Promise<void>;
}

/**
 * Looks at the chunks of an interval, before it is read. Fencing is needed since a snapshot does not protect a reader
 * from every rewriting of a chunk (timescaledb issues 6841, 6842, 10487). A new chunk counts as changed where it lies
 * in the range: its rows may have been read, and were not deletable. Undefined for a table that has no chunks.
 */
export async function batchChunks(
  reader: ClientBase,
  spec: TableSpec,
  interval: Interval,
): Promise<BatchChunks | undefined> {
  const { chunks: chunksOf, cursor, retention } = spec;
  if (chunksOf === undefined) return undefined;
  const { alongCursor } = chunksOf;
  const read = (range: Interval): Promise<Chunk[]> =>
    alongCursor
      ? readChunks(reader, chunksOf, cursor.kind, range)
      : readChunks(reader, chunksOf, 'timestamptz');
  const before = await read(interval);
  const compressed = before.some((chunk) => chunk.compressed);
  const stretches = alongCursor ? toStretches(before) : [{ ...interval, compressed }];
  return {
    stretches,
    deletable: (range) =>
      losesUntold(spec) ? [] : retention === 'mirror' ? [range] : coveredParts(range, stretches),
    fence: async (range) => {
      const within = ({ lower, upper }: Chunk): boolean =>
        !alongCursor || (lower < range.upper && upper > range.lower);
      const after = (await read(range)).filter(within);
      const changed =
        firstChanged(before.filter(within), after) ?? (alongCursor ? firstChanged(after, before) : undefined);
      if (changed) throw new ChunkChanged(`chunk ${changed.name} changed while it was read`);
    },
  };
}

/** The first of these chunks that is not the same among the others. */
function firstChanged(chunks: Chunk[], others: Chunk[]): Chunk | undefined {
  const states = new Map(others.map(({ name, state }) => [name, state]));
  return chunks.find(({ name, state }) => states.get(name) !== state);
}
