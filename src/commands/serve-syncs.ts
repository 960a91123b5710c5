import { isDeepStrictEqual } from 'node:util';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Metrics } from '../activities/metrics';
import type { Config, TemporalConfig } from '../config/config';
import type { TemporalServer } from '../embedded/temporal';
import { asUnreachable } from '../temporal/as-unreachable';
import { taskQueueOf } from '../temporal/task-queue';
import { temporalOf } from '../temporal/temporal-of';
import { TemporalUnreachable } from '../temporal/temporal-unreachable';
import type { BuildVersion } from '../temporal/versioning';
import { CommandError } from './command-error';
import { startEmbedded } from './open-temporal';
import { openWorker } from './open-worker';
import type { Served } from './readiness';

/** An embedded server that is stopped is gone after this. */
const GRACE_MS = 6_000;

/** Syncs that one worker serves: they share a Temporal server, namespace and task queue. */
interface Group {
  temporal: TemporalConfig;
  taskQueue: string;
  configs: Config[];
}

export interface ServeOptions {
  build: BuildVersion | undefined;
  metrics: Metrics | undefined;
  log: Logger;
  /** The workers, for as long as they are there. */
  served: Served[];
  /** All workers are there. */
  ready: () => void;
  /** Drains them. */
  interrupted: Promise<'interrupted'>;
}

/**
 * Runs a worker for each Temporal server, namespace and task queue that the configurations name. Those that name no
 * Temporal share the embedded server of the first one's folder; where that ends, as it does with the process that runs
 * it, the workers are drained, and it ends with `gone`.
 */
export async function serveSyncs(configs: Config[], options: ServeOptions): Promise<'interrupted' | 'gone'> {
  const { log, served, interrupted } = options;
  const first = configs.find(({ temporal }) => !temporal);
  const embedded = first && (await startEmbedded(first, (line) => log.info(line), true));
  if (embedded) tellEmbedded(log, embedded);
  const gone = embedded?.gone().then(() => 'gone' as const);
  try {
    for (const group of groupsOf(configs, embedded)) served.push(await startWorker(group, options));
    options.ready();
    return await runUntil(served, gone ? [interrupted, gone] : [interrupted]);
  } catch (error) {
    if (!gone || !(error instanceof TemporalUnreachable)) throw error;
    // It refuses calls a moment before its process is gone.
    if ((await Promise.race([gone, setTimeout(GRACE_MS)])) === undefined) throw error;
    return 'gone';
  } finally {
    await Promise.allSettled(served.splice(0).map(({ connection }) => connection.close()));
    await embedded?.stop();
  }
}

async function startWorker(group: Group, { build, metrics, log }: ServeOptions): Promise<Served> {
  const { taskQueue, configs, temporal } = group;
  const { namespace, address } = temporal;
  const opened = await openWorker(temporal, { configs, taskQueue, build, ...(metrics && { metrics }) });
  const syncs = configs.map(({ name }) => name);
  log.info({ syncs, temporal: address, namespace, taskQueue, ...build }, 'worker ready');
  return { ...opened, address, taskQueue };
}

/** Runs workers until one of the ends comes, or until one fails; then drains them all. */
async function runUntil<End>(served: Served[], ends: Promise<End>[]): Promise<End> {
  const running = served.map(({ worker, address }) =>
    worker.run().catch((error: unknown) => {
      throw asUnreachable(address, error);
    }),
  );
  try {
    const end = Promise.race(ends);
    return await Promise.race([end, ...running.map((run) => run.then(() => end))]);
  } finally {
    for (const { worker } of served) worker.shutdown();
    await Promise.all(running);
  }
}

function groupsOf(configs: Config[], embedded: TemporalServer | undefined): Group[] {
  const groups = new Map<string, Group>();
  for (const config of configs) {
    const temporal = temporalOf(config, embedded?.address);
    const taskQueue = taskQueueOf(config);
    const id = JSON.stringify([temporal.address, temporal.namespace, taskQueue]);
    const group = groups.get(id) ?? { temporal, taskQueue, configs: [] };
    refuseOtherEncryption(group, config);
    group.configs.push(config);
    groups.set(id, group);
  }
  return [...groups.values()];
}

/** Whatever a worker gets from its task queue is decrypted in the same way. */
function refuseOtherEncryption({ configs: [first], taskQueue }: Group, config: Config): void {
  if (!first || isDeepStrictEqual(first.encryption, config.encryption)) return;
  throw new CommandError(
    'configuration',
    `${first.file} and ${config.file} share the task queue ${taskQueue}, and encrypt differently`,
    'Give both the same temporal.encryption, or a temporal.taskQueue of their own.',
  );
}

function tellEmbedded(log: Logger, { address, uiAddress, attached }: TemporalServer): void {
  const what = attached
    ? 'no Temporal is configured: using the embedded server that runs in this folder'
    : 'no Temporal is configured: running a server of its own';
  log.info({ address, ...(uiAddress !== undefined && { web: uiAddress }) }, what);
}
