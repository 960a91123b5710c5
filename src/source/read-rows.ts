import type { PoolClient } from 'pg';
import Cursor from 'pg-cursor';
import { destroyClient, isCut } from '../postgres/with-client';
import { Stalled } from '../postgres/stalled';
import type { BatchQuery } from './batch-query';

/** Every value as PostgreSQL's text, or null. */
export type Row = (string | null)[];

export interface ReadOptions {
  /** How long the server may take for one read. */
  timeoutMs: number;
}

/** A read's size that is worth a round trip; more rows are asked for while reads stay below half of it. */
const READ_BYTES = 256 * 1024;
const MOST_ROWS = 5_000;
const CLOSE_MS = 5_000;

/**
 * Reads a query's rows through a database cursor, some at a time, within the caller's transaction. Ends only when the
 * server said that the query is complete: an empty read is no end. Whoever stops early (break, throw) closes the
 * database cursor; one that does not close costs the connection.
 */
export async function* readRows(
  client: PoolClient,
  { text, values }: BatchQuery,
  { timeoutMs }: ReadOptions,
): AsyncGenerator<Row[], void, undefined> {
  let rowsPerRead = 64;
  const query = { complete: false };
  const cursor = client.query(
    new Cursor<Row>(text, values, { rowMode: 'array', types: { getTypeParser: () => String } }),
  );
  cursor.on('end', () => (query.complete = true));
  try {
    for (;;) {
      const rows = await answered(client, cursor.read(rowsPerRead), timeoutMs);
      if (rows.length > 0) yield rows;
      else if (!query.complete) throw new Stalled('a read came back empty before the query was complete');
      if (query.complete) return;
      rowsPerRead = Math.max(1, Math.min(MOST_ROWS, nextSize(rowsPerRead, bytesOf(rows))));
    }
  } finally {
    if (!query.complete) await close(client, cursor);
  }
}

function nextSize(rowsPerRead: number, bytes: number): number {
  if (bytes > READ_BYTES) return Math.floor((rowsPerRead * READ_BYTES) / bytes);
  return bytes < READ_BYTES / 2 ? rowsPerRead * 2 : rowsPerRead;
}

/** Close enough for sizing: characters, not bytes. */
function bytesOf(rows: Row[]): number {
  let bytes = 0;
  for (const row of rows) for (const value of row) bytes += value === null ? 1 : value.length;
  return bytes;
}

/** The answer, or the end of a connection that gives none: half-open, it would stay silent for ever. */
async function answered<T>(client: PoolClient, answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Stalled('the server gave no answer'));
      destroyClient(client);
    }, timeoutMs);
  });
  return Promise.race([answer, silence]).finally(() => clearTimeout(timer));
}

/** After a lost connection close() never returns, so it gets a moment; the connection goes if that is not enough. */
async function close(client: PoolClient, cursor: Cursor<Row>): Promise<void> {
  if (isCut(client)) return;
  let onEnd = () => {};
  const lost = new Promise<void>((resolve) => (onEnd = resolve));
  client.once('end', onEnd);
  const cut = setTimeout(() => {
    destroyClient(client);
    onEnd();
  }, CLOSE_MS);
  await Promise.race([cursor.close(), lost]).catch(() => {});
  clearTimeout(cut);
  client.off('end', onEnd);
}
