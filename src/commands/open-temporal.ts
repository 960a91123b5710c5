import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Config, TemporalConfig } from '../config/config';
import { findRunningTemporal, startTemporal, type TemporalServer } from '../embedded/temporal';
import { connectClient } from '../temporal/connect';
import { taskQueueOf } from '../temporal/task-queue';
import { temporalOf } from '../temporal/temporal-of';
import { CODEC_PORT } from './codec-server';
import { CommandError } from './command-error';

export interface OpenTemporal {
  /** How to reach it, whether configured or embedded. */
  config: TemporalConfig;
  client: Client;
  namespace: string;
  taskQueue: string;
  /** There where no Temporal is configured. */
  embedded: TemporalServer | undefined;
  /**
   * Ends the embedded server if this process started it. The client is left open: closing it would make a call that
   * waits to be retried throw where nobody can catch it, and the command ends soon.
   */
  close(): Promise<void>;
}

/** Where the embedded server of a configuration keeps its state. */
export function embeddedFolder(config: Config): string {
  return join(config.folder, '.tidemark');
}

/** Connects to the configured Temporal, or starts the durable embedded server (or finds it running). */
export async function openTemporal(config: Config, say: (line: string) => void): Promise<OpenTemporal> {
  const embedded = config.temporal ? undefined : await startEmbedded(config, say);
  const temporal = temporalOf(config, embedded?.address);
  try {
    const { client } = await connectClient(temporal);
    return {
      config: temporal,
      client,
      namespace: temporal.namespace,
      taskQueue: taskQueueOf(config),
      embedded,
      close: async () => embedded?.stop(),
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

export interface FoundTemporal extends Omit<OpenTemporal, 'embedded' | 'close'> {
  /** Closes the connection. No call may be under way. */
  close(): Promise<void>;
}

/** As {@link openTemporal}, but starts nothing: undefined where the embedded server is down. */
export async function findTemporal(config: Config): Promise<FoundTemporal | undefined> {
  const running = config.temporal ? undefined : await findRunningTemporal(embeddedFolder(config));
  if (!config.temporal && !running) return undefined;
  const temporal = temporalOf(config, running?.address);
  const { namespace } = temporal;
  return { ...(await connectClient(temporal)), config: temporal, namespace, taskQueue: taskQueueOf(config) };
}

/** Starts the embedded server of a configuration's folder. */
export async function startEmbedded(
  config: Config,
  say: (line: string) => void,
  ui = false,
): Promise<TemporalServer> {
  try {
    return await startTemporal({
      folder: embeddedFolder(config),
      log: say,
      ui,
      ...(config.encryption && { codecEndpoint: `http://127.0.0.1:${CODEC_PORT}` }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      'connection',
      why,
      `Or name a Temporal server in ${config.file} (temporal: { address: host:7233 }).`,
    );
  }
}
