import type { ClientBase } from 'pg';
import { z } from 'zod';
import { quoteTable } from '../postgres/identifiers';
import { pgInteger, queryRow } from '../postgres/query';
import { type Cursor, inRange, rangeValues, type TickRange } from '../postgres/cursor-range';

/** Counts an interval's rows, up to `most` where given. Of a compressed chunk it decompresses the cursor column alone. */
export async function countRows(
  client: ClientBase,
  { table, column, kind }: Cursor,
  range: TickRange,
  most?: number,
): Promise<number> {
  const rows = `FROM ${quoteTable(table)} WHERE ${inRange(column, kind, '$1', '$2')}`;
  const { count } = await queryRow(
    client,
    z.object({ count: pgInteger }),
    most === undefined
      ? `SELECT count(*) AS count ${rows}`
      : `SELECT count(*) AS count FROM (SELECT ${rows} LIMIT ${most}) counted`,
    rangeValues(kind, range),
  );
  return count;
}
