import type { ChunksOf } from '../plan/table-spec';
import type { SourceTable } from '../source/describe-tables';

/** Which chunks a table's rows are in; undefined for a table that has none. */
export function chunksOf({ hypertable }: SourceTable, cursorColumn: string): ChunksOf | undefined {
  if (hypertable === undefined) return undefined;
  return {
    hypertable: hypertable.hypertable,
    alongCursor: hypertable.timeColumn === cursorColumn,
    internals: hypertable.internals,
  };
}
