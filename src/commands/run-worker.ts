import { isDeepStrictEqual } from 'node:util';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { Metrics } from '../activities/metrics';
import type { Config, TemporalConfig } from '../config/config';
import { loadConfig } from '../config/load';
import type { TemporalServer } from '../embedded/temporal';
import { asUnreachable } from '../temporal/as-unreachable';
import { connectWorker } from '../temporal/connect';
import { taskQueueOf } from '../temporal/task-queue';
import { temporalOf } from '../temporal/temporal-of';
import { type BuildVersion, DEFAULT_DEPLOYMENT } from '../temporal/versioning';
import { createWorker } from '../worker';
import { CommandError } from './command-error';
import { exitCodes } from './exit-codes';
import { onInterrupt } from './interrupt';
import type { ListenAddress } from './listen-address';
import { metricsExporter } from './metrics-exporter';
import { startEmbedded } from './open-temporal';
import { DEFAULT_CONFIG } from './options';
import { type Served, whyNotReady } from './readiness';
import { cannotListen, serveHealth } from './serve-health';
import { installTemporalLog } from './temporal-log';
import type { WorkerCommandOptions } from './worker';
import { openLog } from './worker-log';

/** Syncs that one worker serves: they share a Temporal server, namespace and task queue. */
interface Group {
  temporal: TemporalConfig;
  taskQueue: string;
  configs: Config[];
}

/**
 * Runs a worker for each Temporal server, namespace and task queue that the configurations name, until it is told to
 * stop. Those that name no Temporal share the embedded server of the first one's folder.
 */
export async function runWorker(options: WorkerCommandOptions): Promise<number> {
  const configs = await Promise.all((options.config ?? [DEFAULT_CONFIG]).map((file) => loadConfig(file)));
  refuseTwins(configs);
  const build = buildOf(options);
  const log = openLog(options.json ?? false, options.logLevel);
  const metrics = await startRuntime(log, options.metrics);
  let state: 'starting' | 'running' | 'draining' = 'starting';
  const served: Served[] = [];
  const health =
    options.health &&
    (await serveHealth(options.health, async () =>
      state === 'running' ? (await Promise.all(served.map(whyNotReady))).flat() : [state],
    ));
  const interruption = onInterrupt(() => {
    state = 'draining';
    log.info('draining: batches in flight get 10 seconds to end, then they are rolled back');
  });
  const first = configs.find(({ temporal }) => !temporal);
  const embedded = first && (await startEmbedded(first, (line) => log.info(line), true));
  if (embedded) tellEmbedded(log, embedded);
  const connections: NativeConnection[] = [];
  try {
    for (const group of groupsOf(configs, embedded)) {
      const connection = await connectWorker(group.temporal);
      connections.push(connection);
      const { taskQueue } = group;
      const { namespace, address } = group.temporal;
      const worker = await createWorker({
        configs: group.configs,
        connection,
        namespace,
        taskQueue,
        encryption: group.temporal.encryption,
        build,
        ...(metrics && { metrics }),
      }).catch((error: unknown) => {
        throw asUnreachable(address, error);
      });
      served.push({ worker, connection, address, taskQueue });
      log.info(
        {
          syncs: group.configs.map(({ name }) => name),
          temporal: address,
          namespace,
          taskQueue,
          ...build,
        },
        'worker ready',
      );
    }
    state = 'running';
    await runUntil(served, interruption.happened);
    log.info('drained');
    return exitCodes.ok;
  } finally {
    await Promise.allSettled(connections.map((connection) => connection.close()));
    await embedded?.stop();
    health?.stop();
    interruption.stop();
  }
}

/** Sets Temporal's runtime up: its log goes into ours, and its metrics where the option or the environment says. */
async function startRuntime(log: Logger, address: ListenAddress | undefined): Promise<Metrics | undefined> {
  const exporter = metricsExporter(address, process.env);
  try {
    await installTemporalLog((level, message, fields) => log[level](fields, message), 'INFO', exporter);
  } catch (error) {
    if (address === undefined || !(error instanceof Error)) throw error;
    throw cannotListen('metrics', address, error);
  }
  const { Runtime } = await import('@temporalio/worker');
  return exporter && new Metrics(Runtime.instance().metricMeter);
}

/** Runs workers until the signal, or until one fails; then drains them all. */
async function runUntil(served: Served[], signal: Promise<unknown>): Promise<void> {
  const running = served.map(async ({ worker, address }) => {
    try {
      await worker.run();
    } catch (error) {
      throw asUnreachable(address, error);
    }
  });
  try {
    await Promise.race([signal, ...running]);
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

function buildOf({ buildId, deployment }: WorkerCommandOptions): BuildVersion | undefined {
  return buildId === undefined ? undefined : { buildId, deployment: deployment ?? DEFAULT_DEPLOYMENT };
}

function refuseTwins(configs: Config[]): void {
  const files = new Map<string, string>();
  for (const { name, file } of configs) {
    const other = files.get(name);
    if (other !== undefined) {
      const what =
        other === file ? `${file} is given twice` : `${other} and ${file} both have the name ${name}`;
      throw new CommandError('configuration', what, 'Give each sync a name of its own.');
    }
    files.set(name, file);
  }
}

function tellEmbedded(log: Logger, { address, uiAddress, attached }: TemporalServer): void {
  const what = attached
    ? 'no Temporal is configured: using the embedded server that runs in this folder'
    : 'no Temporal is configured: running a server of its own';
  log.info({ address, ...(uiAddress !== undefined && { web: uiAddress }) }, what);
}
