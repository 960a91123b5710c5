import type { Logger } from 'pino';
import { Metrics } from '../activities/metrics';
import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import { type BuildVersion, DEFAULT_DEPLOYMENT } from '../temporal/versioning';
import { CommandError } from './command-error';
import { exitCodes } from './exit-codes';
import { onInterrupt } from './interrupt';
import type { ListenAddress } from './listen-address';
import { metricsExporter } from './metrics-exporter';
import { DEFAULT_CONFIG } from './options';
import { type Served, whyNotReady } from './readiness';
import { cannotListen, serveHealth } from './serve-health';
import { serveSyncs } from './serve-syncs';
import { installTemporalLog } from './temporal-log';
import type { WorkerCommandOptions } from './worker';
import { openLog } from './worker-log';

/**
 * Runs the workers of the configurations' syncs until it is told to stop. An embedded server that goes away is opened
 * anew, by this process where no other has it.
 */
export async function runWorker(options: WorkerCommandOptions): Promise<number> {
  const configs = await Promise.all((options.config ?? [DEFAULT_CONFIG]).map((file) => loadConfig(file)));
  refuseTwins(configs);
  const build = buildOf(options);
  const log = openLog(options.json ?? false, options.logLevel);
  const metrics = await startRuntime(log, options.metrics);
  const state = { running: false, draining: false };
  const served: Served[] = [];
  const health =
    options.health &&
    (await serveHealth(options.health, async () =>
      state.running && !state.draining
        ? (await Promise.all(served.map(whyNotReady))).flat()
        : [state.draining ? 'draining' : 'starting'],
    ));
  const interruption = onInterrupt(() => {
    state.draining = true;
    log.info('draining: batches in flight get 10 seconds to end, then they are rolled back');
  });
  const serving = {
    ...{ build, metrics, log, served },
    ready: () => void (state.running = true),
    interrupted: interruption.happened,
  };
  try {
    while ((await serveSyncs(configs, serving)) === 'gone' && !state.draining) {
      state.running = false;
      log.warn(
        'the embedded Temporal server is gone, as it is with the process that ran it: opening it anew',
      );
    }
    log.info('drained');
    return exitCodes.ok;
  } finally {
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
