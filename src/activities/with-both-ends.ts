import { cancellationSignal } from '@temporalio/activity';
import type { PoolClient } from 'pg';
import { withClient } from '../postgres/with-client';
import type { SyncResources } from './dependencies';
import { createPulse } from './pulse';

/**
 * Runs `fn` with a session at each end. The source's is taken first, always: two activities that each held one end's
 * last connection would wait for each other for ever. Waiting for a free one has no limit, since another batch may
 * take as long as it needs.
 */
export async function withBothEnds<T>(
  { source, destination }: SyncResources,
  fn: (reader: PoolClient, writer: PoolClient) => Promise<T>,
): Promise<T> {
  const signal = cancellationSignal();
  const stopWaiting = createPulse().wait();
  try {
    return await withClient(source, signal, (reader) =>
      withClient(destination, signal, (writer) => {
        stopWaiting();
        return fn(reader, writer);
      }),
    );
  } finally {
    stopWaiting();
  }
}
