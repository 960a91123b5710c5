import type { TableSpec } from '../plan/table-spec';
import { quoteIdentifier } from '../postgres/identifiers';
import { textOrder } from '../postgres/row-digest';

/**
 * Orders the rows of one key: the one with the latest cursor value goes on, and of those that tie the one whose text is
 * the greatest, so that every reading of them chooses the same.
 */
export function newestFirst({ cursor, columns }: TableSpec): string {
  return `${quoteIdentifier(cursor.column)} DESC NULLS LAST, ${textOrder(columns.map(({ name }) => quoteIdentifier(name)))}`;
}
