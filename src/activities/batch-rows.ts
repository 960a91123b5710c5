import { Readable } from 'node:stream';
import type { PoolClient } from 'pg';
import { encodeCopyText } from '../destination/copy-text';
import type { BatchRows } from '../destination/write-batch';
import type { Interval } from '../plan/intervals';
import type { TableSpec } from '../plan/table-spec';
import { markOrigin } from '../postgres/origin';
import { batchCopy, batchQuery } from '../source/batch-query';
import { copyOut } from '../source/copy-out';
import { inReadTransaction, inReadTransactionEach } from '../source/read-transaction';
import { readRows } from '../source/read-rows';

export interface ReadingOptions {
  timeoutMs: number;
  /** Called in the source's transaction once all rows were read; what it throws, the batch fails with. */
  fence: () => Promise<void>;
}

/**
 * The rows of a batch, on one of two lanes. In general they come through a database cursor, as text. COPY's stream
 * passes through unread where every type is the same at both ends and its binary form is stable; and, as text, where a
 * row may be too large to be held in memory a few times over.
 */
export function batchRows(
  reader: PoolClient,
  spec: TableSpec,
  range: Interval,
  options: ReadingOptions,
): BatchRows {
  const selection = {
    table: spec.source,
    column: spec.cursor.column,
    kind: spec.cursor.kind,
    columns: spec.columns,
    range,
  };
  if (spec.binary || spec.wide) {
    const format = spec.binary ? 'binary' : 'text';
    return { format, read: (consume) => readCopy(reader, batchCopy(selection, format), options, consume) };
  }
  return {
    format: 'text',
    read: (consume) => {
      const query = batchQuery(selection);
      const rows = inReadTransactionEach(reader, () => fenced(readRows(reader, query, options), options));
      return consume(Readable.from(encodeCopyText(fromSource(rows)), { objectMode: false }));
    },
  };
}

/**
 * Reads a COPY. The source's transaction ends with its last row: it need not be open while the destination is still at
 * work on what it got.
 */
async function readCopy(
  reader: PoolClient,
  text: string,
  { timeoutMs, fence }: ReadingOptions,
  consume: (stream: Readable) => Promise<void>,
): Promise<void> {
  let consumed = Promise.resolve();
  const reading = inReadTransaction(reader, async () => {
    const { stream, complete } = copyOut(reader, text, { timeoutMs });
    stream.on('error', (error) => markOrigin(error, { end: 'source' }));
    consumed = consume(stream);
    // Looked at below.
    consumed.catch(() => undefined);
    await complete;
    await fence();
  });
  try {
    await reading;
  } catch (error) {
    // What made the consumer fail says more than that the COPY was abandoned.
    await consumed;
    throw error;
  }
  await consumed;
}

async function* fenced<T>(rows: AsyncIterable<T>, { fence }: ReadingOptions): AsyncGenerator<T> {
  yield* rows;
  await fence();
}

async function* fromSource<T>(rows: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* rows;
  } catch (error) {
    markOrigin(error, { end: 'source' });
    throw error;
  }
}
