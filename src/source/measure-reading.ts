import type { PoolClient } from 'pg';
import { quoteIdentifier, quoteTable, type TableName } from '../postgres/identifiers';
import { inReadTransaction } from './read-transaction';
import { readRows } from './read-rows';

/** How fast rows came, through a database cursor on one connection. */
export interface Reading {
  rows: number;
  /** Of the rows' values as text. */
  bytes: number;
  milliseconds: number;
  /** The table had no more rows. */
  whole: boolean;
}

/** Reads a table's rows, in whatever order they come, until it has none left or `forMs` are over. */
export async function measureReading(
  client: PoolClient,
  { table, columns, forMs }: { table: TableName; columns: readonly string[]; forMs: number },
): Promise<Reading> {
  const text = `SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ${quoteTable(table)}`;
  return inReadTransaction(client, async () => {
    const reading = { rows: 0, bytes: 0 };
    const begun = performance.now();
    for await (const rows of readRows(client, { text, values: [] }, { timeoutMs: READ_TIMEOUT_MS })) {
      reading.rows += rows.length;
      for (const row of rows) for (const value of row) reading.bytes += value?.length ?? 0;
      if (performance.now() - begun >= forMs)
        return { ...reading, milliseconds: performance.now() - begun, whole: false };
    }
    return { ...reading, milliseconds: performance.now() - begun, whole: true };
  });
}

/** For the first rows; a server that takes longer gives no measure. */
const READ_TIMEOUT_MS = 5_000;
