import type { Readable } from 'node:stream';
import type { PoolClient } from 'pg';
import { type CopyToStreamQuery, to } from 'pg-copy-streams';
import { Stalled } from '../postgres/stalled';
import { destroyClient } from '../postgres/with-client';

export interface CopyOut {
  /** The bytes of the COPY, with backpressure. */
  stream: Readable;
  /** The server's count of rows, once it said that the COPY is complete. Only then were all rows read. */
  complete: Promise<number>;
}

/** pg's side of the stream, beyond its published type. */
interface CopyProtocol {
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

/**
 * Starts a `COPY … TO STDOUT` within the caller's transaction. When the stream's consumer fails, the server would stay
 * blocked in its COPY and the next query would hang: the connection is cut. So it is when nothing moves for `timeoutMs`.
 */
export function copyOut(client: PoolClient, text: string, { timeoutMs }: { timeoutMs: number }): CopyOut {
  const stream: CopyToStreamQuery & Partial<CopyProtocol> = to(text);
  const protocol = stream as CopyToStreamQuery & CopyProtocol;
  let running = true;
  const watch = setTimeout(() => stream.destroy(new Stalled('no row moved')), timeoutMs);
  const complete = new Promise<number>((resolve, reject) => {
    const onError = protocol.handleError.bind(stream);
    protocol.handleError = (error) => {
      running = false;
      clearTimeout(watch);
      reject(error);
      onError(error);
    };
    protocol.handleReadyForQuery = () => {
      running = false;
      clearTimeout(watch);
      resolve(stream.rowCount);
    };
  });
  // The stream reports the same failure; nobody may be waiting here by then.
  complete.catch(() => {});
  stream.on('error', () => {});
  stream.on('data', () => watch.refresh());
  stream.pause();
  stream.on('close', () => {
    if (running && !stream.readableEnded) destroyClient(client);
  });
  client.query(stream);
  return { stream, complete };
}
