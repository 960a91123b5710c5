import type { ClientBase } from 'pg';
import type { ChunkState, HypertableLayout } from '../plan/layout';
import type { TableSpec } from '../plan/table-spec';
import { readChunkStates } from '../source/read-chunk-states';

/** Whether chunks of the destination are compressed as the source's are, once a first load is there. */
export function compressesAtEnd({ firstLoad, afterLoad }: TableSpec): boolean {
  return firstLoad && afterLoad?.compress === true;
}

/** Whether that can begin as each interval is copied: only then does an interval tell which chunks are complete. */
export function compressesByInterval(spec: TableSpec, layout: HypertableLayout | undefined): boolean {
  return compressesAtEnd(spec) && layout?.dimensions[0]?.column === spec.cursor.column;
}

/** The source's chunks, where {@link compressesAtEnd}. */
export async function chunksToCompress(reader: ClientBase, spec: TableSpec): Promise<ChunkState[]> {
  return compressesAtEnd(spec) ? readChunkStates(reader, spec.source) : [];
}
