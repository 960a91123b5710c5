import type { ClientBase } from 'pg';
import { z } from 'zod';
import { type CursorKind, parseCursorValue } from '../plan/cursor-value';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import { queryRow } from '../postgres/query';
import type { Dimension } from './read-hypertables';

/**
 * The latest bucket that a continuous aggregate has materialized, in ticks; undefined where none is. Of the
 * materialization itself: a real-time aggregate's view adds buckets that are computed as it is read. The grants of the
 * aggregate hold for it, too.
 */
export async function readMaterialized(
  client: ClientBase,
  { hypertable, timeColumn }: Dimension,
  kind: CursorKind,
): Promise<bigint | undefined> {
  const { latest } = await queryRow(
    client,
    z.object({ latest: z.string().nullable() }),
    `SELECT max(${quoteIdentifier(timeColumn)})::text AS latest FROM ${quoteTable(hypertable)}`,
  );
  return latest === null ? undefined : parseCursorValue(kind, latest);
}
