import type { ClientBase } from 'pg';
import { z } from 'zod';
import { quoteIdentifier, quoteTable, type TableName } from '../postgres/identifiers';
import { pgInteger, queryRow } from '../postgres/query';
import { ODD_ROWS_LIMIT } from './count-odd-rows';

/** Counts the rows in which one of these columns is NULL, up to {@link ODD_ROWS_LIMIT}. Scans the table. */
export async function countNullKeys(
  client: ClientBase,
  table: TableName,
  columns: readonly string[],
): Promise<number> {
  const condition = columns.map((column) => `${quoteIdentifier(column)} IS NULL`).join(' OR ');
  const { count } = await queryRow(
    client,
    z.object({ count: pgInteger }),
    `SELECT count(*) FROM (SELECT FROM ${quoteTable(table)} WHERE ${condition} LIMIT ${ODD_ROWS_LIMIT}) keyless`,
  );
  return count;
}
