import type { NativeConnection } from '@temporalio/worker';
import type { TemporalConfig } from '../config/config';
import { asUnreachable } from '../temporal/as-unreachable';
import { connectWorker } from '../temporal/connect';
import { createWorker, type TidemarkWorker, type TidemarkWorkerOptions } from '../worker';

/** A worker with a connection of its own, which is closed where there can be no worker. Throws TemporalUnreachable. */
export async function openWorker(
  temporal: TemporalConfig,
  options: Omit<TidemarkWorkerOptions, 'connection' | 'namespace' | 'encryption'>,
): Promise<{ worker: TidemarkWorker; connection: NativeConnection }> {
  const { address, namespace, encryption } = temporal;
  const connection = await connectWorker(temporal);
  try {
    return { worker: await createWorker({ ...options, connection, namespace, encryption }), connection };
  } catch (error) {
    await connection.close();
    throw asUnreachable(address, error);
  }
}
