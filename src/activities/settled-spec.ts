import { isDeepStrictEqual } from 'node:util';
import type { TableConfig } from '../config/config';
import type { Checkpoint } from '../destination/read-checkpoint';
import { formatCursorValue } from '../plan/cursor-value';
import type { TableSpec } from '../plan/table-spec';
import type { SourceTable } from '../source/describe-tables';
import { startInTicks } from './bounds';
import type { TableChoice } from './choose-spec';
import { chunksOf } from './chunks-of';

/**
 * The spec of a table that was copied to its end, if it would be settled alike today: same columns, cursor column, key,
 * mode and settings. Anything else is for a plan of its own, which says what changed.
 */
export function settledSpec(
  checkpoint: Checkpoint | undefined,
  described: SourceTable,
  choice: TableChoice,
  config: TableConfig,
): TableSpec | undefined {
  const spec = checkpoint?.spec;
  if (spec == null || checkpoint?.watermark == null || checkpoint.watermark !== checkpoint.planned)
    return undefined;
  if (checkpoint.rewriteBelow !== null) return undefined;
  const { cursor, key, mode, keyUnique, deletes, destination } = choice;
  const today = {
    cursor: { column: cursor.column, kind: cursor.kind },
    start: formatCursorValue(cursor.kind, startInTicks(cursor.kind, config.start)),
    columns: choice.columns.map(({ name, type }) => [name, type]),
    chunks: chunksOf(described, cursor.column),
    retention: config.retention,
    deleteLimit: config.deleteLimit,
    ...{ key, mode, keyUnique, deletes, destination },
  };
  const before = {
    cursor: spec.cursor,
    start: spec.start,
    columns: spec.columns.map(({ name, sourceType }) => [name, sourceType]),
    chunks: spec.chunks,
    retention: spec.retention,
    deleteLimit: spec.deleteLimit,
    ...{ key: spec.key, mode: spec.mode, keyUnique: spec.keyUnique, deletes: spec.deletes },
    destination: spec.destination,
  };
  return isDeepStrictEqual(today, before) ? spec : undefined;
}
