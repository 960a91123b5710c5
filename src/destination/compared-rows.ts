import type { TableSpec } from '../plan/table-spec';
import { quoteIdentifier, quoteTable } from '../postgres/identifiers';
import type { ComparedRows } from '../postgres/row-digest';

/** The destination's rows as they are compared: all but those that are marked as gone at the source. */
export function destinationRows(spec: TableSpec, softColumn: string | undefined): ComparedRows {
  return {
    from: quoteTable(spec.destination),
    columns: spec.columns.map(({ name }) => quoteIdentifier(name)),
    key: spec.key.map(quoteIdentifier),
    cursor: spec.cursor,
    ...(softColumn !== undefined && { where: `${quoteIdentifier(softColumn)} IS NULL` }),
  };
}
