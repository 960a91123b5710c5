import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { TemporalConfig } from '../config/config';

/** Where workers listen unless the configuration names another task queue. */
export const DEFAULT_TASK_QUEUE = 'tidemark';

/** Why Temporal cannot be reached, in words. */
export class TemporalUnreachable extends Error {
  constructor(address: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    super(
      `Temporal at ${address} cannot be reached (${reason}). Check temporal.address or TEMPORAL_ADDRESS, TLS and the API key; without either Tidemark runs a server of its own.`,
    );
  }
}

function connectionOptions({ address, apiKey, tls, metadata }: TemporalConfig) {
  return {
    address,
    ...(apiKey !== undefined && { apiKey }),
    ...(tls !== undefined && { tls }),
    ...(metadata && { metadata }),
  };
}

/** A client, and its connection to close. Throws {@link TemporalUnreachable}. */
export async function connectClient(config: TemporalConfig): Promise<{ client: Client; close: () => Promise<void> }> {
  try {
    const connection = await Connection.connect({ ...connectionOptions(config), connectTimeout: '10 seconds' });
    return { client: new Client({ connection, namespace: config.namespace }), close: () => connection.close() };
  } catch (error) {
    throw new TemporalUnreachable(config.address, error);
  }
}

/** The connection that a worker takes. Throws {@link TemporalUnreachable}. */
export async function connectWorker(config: TemporalConfig): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connectionOptions(config));
  } catch (error) {
    throw new TemporalUnreachable(config.address, error);
  }
}
