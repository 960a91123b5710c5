import type { ClientBase } from 'pg';
import { groupStretches } from '../plan/chunk-groups';
import { type Stretch, toStretches } from '../plan/chunk-stretches';
import type { Interval } from '../plan/intervals';
import type { Cursor } from '../postgres/cursor-range';
import type { SourceTable } from '../source/describe-tables';
import { readChunks } from '../source/read-chunks';
import { sampleWidth } from '../source/sample-width';
import { chunksOf } from './chunks-of';

/**
 * The stretches that a table's chunks cover; undefined where it has none along its cursor column. To be read after the
 * horizon: the chunks of all rows below that are there by then.
 */
export async function tableStretches(
  client: ClientBase,
  table: SourceTable,
  { column, kind }: Pick<Cursor, 'column' | 'kind'>,
): Promise<Stretch[] | undefined> {
  const chunks = chunksOf(table, column);
  return chunks?.alongCursor ? toStretches(await readChunks(client, chunks, kind)) : undefined;
}

/** As {@link sampleWidth}, of a range that may have any number of chunks. */
export async function sampleStretches(
  client: ClientBase,
  cursor: Cursor,
  range: Interval,
  columns: readonly string[],
  stretches: readonly Interval[] | undefined,
): Promise<number | undefined> {
  for (const part of stretches ? groupStretches(range, stretches) : [range]) {
    const width = await sampleWidth(client, cursor, part, columns);
    if (width !== undefined) return width;
  }
  return undefined;
}
