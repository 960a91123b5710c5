import { Client, Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { TemporalConfig } from '../config/config';
import { dataConverterOf } from './data-converter';
import { openTracing } from './tracing';
import { TemporalUnreachable } from './temporal-unreachable';

function connectionOptions({ address, apiKey, tls, metadata }: TemporalConfig) {
  return {
    address,
    ...(apiKey !== undefined && { apiKey }),
    ...(tls !== undefined && { tls }),
    ...(metadata && { metadata }),
  };
}

/** A client, and its connection to close. Throws {@link TemporalUnreachable}. */
export async function connectClient(
  config: TemporalConfig,
): Promise<{ client: Client; close: () => Promise<void> }> {
  try {
    const connection = await Connection.connect({
      ...connectionOptions(config),
      connectTimeout: '10 seconds',
    });
    const tracing = await openTracing();
    return {
      client: new Client({
        connection,
        namespace: config.namespace,
        dataConverter: dataConverterOf(config.namespace, config.encryption),
        ...(tracing && { interceptors: { workflow: [tracing.client] } }),
      }),
      close: () => connection.close(),
    };
  } catch (error) {
    throw new TemporalUnreachable(config.address, error);
  }
}

/** The connection that a worker takes. Throws {@link TemporalUnreachable}. */
export async function connectWorker(config: TemporalConfig): Promise<NativeConnection> {
  try {
    // Loaded here: with its native core it takes longer than all else that a command does.
    const { NativeConnection } = await import('@temporalio/worker');
    return await NativeConnection.connect(connectionOptions(config));
  } catch (error) {
    throw new TemporalUnreachable(config.address, error);
  }
}
