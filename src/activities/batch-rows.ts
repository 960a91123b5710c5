import { Readable } from 'node:stream';
import type { PoolClient } from 'pg';
import { encodeCopyText } from '../destination/copy-text';
import type { BatchRows } from '../destination/write-batch';
import type { Interval } from '../plan/intervals';
import type { TableSpec } from '../plan/table-spec';
import { markOrigin } from '../postgres/origin';
import { batchCopy, batchQuery } from '../source/batch-query';
import { copyOut } from '../source/copy-out';
import { inReadTransaction } from '../source/read-transaction';
import { readRows } from '../source/read-rows';

/**
 * The rows of a batch, on one of two lanes. In general they come through a database cursor, as text. COPY's stream
 * passes through unread where every type is the same at both ends and its binary form is stable; and, as text, where a
 * row may be too large to be held in memory a few times over.
 */
export function batchRows(
  reader: PoolClient,
  spec: TableSpec,
  range: Interval,
  timeoutMs: number,
): BatchRows {
  const selection = {
    table: spec.source,
    column: spec.cursor.column,
    kind: spec.cursor.kind,
    columns: spec.columns.map(({ name }) => name),
    range,
  };
  if (spec.binary || spec.wide) {
    const format = spec.binary ? 'binary' : 'text';
    return {
      format,
      read: (consume) =>
        inReadTransaction(reader, async () => {
          const { stream, complete } = copyOut(reader, batchCopy(selection, format), { timeoutMs });
          stream.on('error', (error) => markOrigin(error, { end: 'source' }));
          await consume(stream);
          await complete;
        }),
    };
  }
  return {
    format: 'text',
    read: (consume) =>
      inReadTransaction(reader, () => {
        const rows = fromSource(readRows(reader, batchQuery(selection), { timeoutMs }));
        return consume(Readable.from(encodeCopyText(rows), { objectMode: false }));
      }),
  };
}

async function* fromSource<T>(rows: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* rows;
  } catch (error) {
    markOrigin(error, { end: 'source' });
    throw error;
  }
}
