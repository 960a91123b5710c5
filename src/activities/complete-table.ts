import { cancellationSignal } from '@temporalio/activity';
import type { ClientBase } from 'pg';
import { buildKey } from '../destination/defer-key';
import { completeCheckpoint } from '../destination/complete-checkpoint';
import { addPolicies } from '../destination/add-policies';
import { buildHnsw } from '../destination/build-hnsw';
import { compressChunks } from '../destination/compress-chunks';
import { indexCursor } from '../destination/index-cursor';
import { readSpec } from '../destination/read-spec';
import type { ChunkState } from '../plan/layout';
import type { Completed } from '../plan/wire';
import { withClient } from '../postgres/with-client';
import { chunksToCompress, compressesAtEnd } from './chunks-to-compress';
import { type Dependencies, resourcesOf } from './dependencies';
import { observeCompleted } from './observe-table';
import { createPulse } from './pulse';

export interface CompleteInput {
  sync: string;
  table: string;
  epoch: number;
  /** The plan's, where it has one. */
  horizonAt?: number;
}

/**
 * Ends a table's run, once all its intervals are copied: after a first load builds indexes, when that is faster than
 * keeping them up to date, compresses what is left to compress, and adds policies; then moves the watermark to the
 * horizon. All of it may be repeated.
 */
export async function completeTable(dependencies: Dependencies, input: CompleteInput): Promise<Completed> {
  const { source, destination } = resourcesOf(dependencies, input.sync);
  const signal = cancellationSignal();
  const completed = await createPulse().while(
    (async () => {
      const spec = await withClient(destination, signal, (writer) => readSpec(writer, input));
      // One session at a time: another activity may hold one end's last and wait for the other's.
      const chunks = compressesAtEnd(spec)
        ? await withClient(source, signal, (reader) => chunksToCompress(reader, spec))
        : [];
      return withClient(destination, signal, (writer) => complete(writer, input, chunks));
    })(),
  );
  observeCompleted(dependencies, { sync: input.sync, table: input.table }, input.horizonAt);
  return completed;
}

/** The same on a session that is there already. `chunks` are the source's, where they are to be compressed alike. */
export async function complete(
  writer: ClientBase,
  input: CompleteInput,
  chunks: ChunkState[],
): Promise<Completed> {
  const spec = await readSpec(writer, input);
  if (spec.keyLater) await buildKey(writer, spec);
  if (spec.firstLoad && spec.createdHere && !spec.cursorIndexed) {
    await indexCursor(writer, spec.destination, spec.cursor.column);
  }
  if (spec.firstLoad && spec.afterLoad) {
    await buildHnsw(writer, spec.destination, spec.afterLoad.hnsw);
    if (spec.afterLoad.compress) await compressChunks(writer, spec.destination, chunks);
    await addPolicies(writer, spec.destination, spec.afterLoad.policies);
  }
  return { watermark: await completeCheckpoint(writer, input) };
}
