import type { ClientBase } from 'pg';
import Cursor from 'pg-cursor';

const BATCH = 5_000;
/** How many differing rows are shown. */
const SHOWN = 10;

export interface RowsOf {
  client: ClientBase;
  /** A query whose columns come in the same order on both sides. */
  sql: string;
}

export interface MultisetDifference {
  equal: boolean;
  leftRows: number;
  rightRows: number;
  /** What differs, for people; empty when equal. */
  text: string;
}

/**
 * Compares what two queries return as multisets of rows: values by their text, under the same settings on both sides,
 * duplicates counted, order ignored. Columns are compared by place; their number must agree.
 */
export async function compareMultisets(left: RowsOf, right: RowsOf): Promise<MultisetDifference> {
  const surplus = new Map<string, number>();
  const leftRows = await count(left, surplus, 1);
  const rightRows = await count(right, surplus, -1);
  const onlyLeft = [...surplus].filter(([, times]) => times > 0);
  const onlyRight = [...surplus].filter(([, times]) => times < 0);
  const equal = onlyLeft.length === 0 && onlyRight.length === 0;
  const text = equal
    ? ''
    : [
        `left has ${leftRows} rows, right ${rightRows}`,
        ...list('left', onlyLeft),
        ...list('right', onlyRight),
      ].join('\n');
  return { equal, leftRows, rightRows, text };
}

/** @throws with the rows that differ */
export async function expectEqualMultisets(left: RowsOf, right: RowsOf): Promise<void> {
  const { equal, text } = await compareMultisets(left, right);
  if (!equal) throw new Error(`The tables differ: ${text}`);
}

/** Has a session show values alike and in full; not by the product's own settings, which are among what is tested. */
export async function showInFull(client: ClientBase): Promise<void> {
  await client.query(
    `SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';
     SET extra_float_digits = 1; SET bytea_output = 'hex'; SET lc_monetary = 'C'`,
  );
}

async function count({ client, sql }: RowsOf, surplus: Map<string, number>, step: 1 | -1): Promise<number> {
  await showInFull(client);
  // pg's own parsers would round microseconds and numbers.
  const types = { getTypeParser: () => (text: unknown) => text };
  const cursor = client.query(new Cursor<unknown[]>(sql, [], { rowMode: 'array', types } as never));
  let rows = 0;
  for (;;) {
    const batch = await cursor.read(BATCH);
    if (batch.length === 0) break;
    rows += batch.length;
    for (const row of batch) {
      const key = JSON.stringify(row);
      const times = (surplus.get(key) ?? 0) + step;
      if (times === 0) surplus.delete(key);
      else surplus.set(key, times);
    }
  }
  await cursor.close();
  return rows;
}

function list(side: string, rows: [string, number][]): string[] {
  const more = rows.length > SHOWN ? [`  … and ${rows.length - SHOWN} more`] : [];
  return [
    `only ${side}: ${rows.length} different rows`,
    ...rows.slice(0, SHOWN).map(([row, times]) => `  ${Math.abs(times)} × ${row.slice(0, 300)}`),
    ...more,
  ];
}
