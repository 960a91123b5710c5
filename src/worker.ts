import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from './activities';
import type { Dependencies, SyncResources } from './activities/dependencies';
import { logAttributes } from './activities/log-attributes';
import type { Metrics } from './activities/metrics';
import type { Config, Encryption } from './config/config';
import { createPool, SOURCE_APPLICATION } from './postgres/pool';
import { dataConverterOf } from './temporal/data-converter';
import { openTracing } from './temporal/tracing';
import { type BuildVersion, versioningOf } from './temporal/versioning';
import { watchConnections } from './watch-connections';

export interface TidemarkWorkerOptions {
  configs: readonly Config[];
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  /** How payloads are encrypted. */
  encryption?: Encryption | undefined;
  /** Which build it is, where Temporal decides by that what it gets. */
  build?: BuildVersion | undefined;
  /** Where what is measured is counted. */
  metrics?: Metrics;
  /** For tests: told of the moments in a batch at which a crash matters. */
  reached?: Dependencies['reached'];
}

/** What a worker may leave undone when it is told to stop: batches get this long to end by themselves, then are rolled back. */
const DRAIN = { shutdownGraceTime: '10 seconds', shutdownForceTime: '30 seconds' } as const;
/** Below the heartbeat timeout: what a paused worker has locked is free before its batch is tried again. */
const IDLE_IN_TRANSACTION_MS = 7_000;
/** The SDK passes heartbeats on this often; by itself it would wait until 0.8 of the heartbeat timeout is over. */
const HEARTBEAT_EVERY = '2 seconds';
const MOST_ACTIVITIES = 64;

/** A worker and the connections it holds. `run` ends once `shutdown` was called and all work has ended. */
export interface TidemarkWorker {
  run: () => Promise<void>;
  shutdown: () => void;
  /** Whether it takes workflows and activities now. */
  polls: () => boolean;
}

/** Builds a worker that serves the given syncs. Connects to no database before a workflow asks for it. */
export async function createWorker(options: TidemarkWorkerOptions): Promise<TidemarkWorker> {
  const syncs = new Map(options.configs.map((config) => [config.name, openResources(config)]));
  const { metrics, reached } = options;
  const tracing = await openTracing();
  const source = workflowSource(options.encryption !== undefined);
  const worker = await Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    ...source,
    dataConverter: dataConverterOf(options.namespace, options.encryption),
    ...(options.build && { workerDeploymentOptions: versioningOf(options.build) }),
    activities: createActivities({ syncs, ...(metrics && { metrics }), ...(reached && { reached }) }),
    interceptors: {
      ...source.interceptors,
      activity: [logAttributes, ...(tracing ? [tracing.activity] : [])],
    },
    // A run that another process traces has spans also where this one does not.
    sinks: tracing?.sinks ?? { exporter: { export: { fn: () => undefined } } },
    maxConcurrentActivityTaskExecutions: MOST_ACTIVITIES,
    maxHeartbeatThrottleInterval: HEARTBEAT_EVERY,
    ...DRAIN,
  });
  return {
    // One that has failed is none to shut down: the SDK would throw, and hide what it failed of.
    shutdown: () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    },
    polls: () => {
      const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
      return runState === 'RUNNING' && workflowPollerState === 'POLLING' && activityPollerState === 'POLLING';
    },
    run: async () => {
      for (const sync of syncs.keys()) metrics?.set('tidemark_worker_serves', 1, { sync });
      const stopWatching = metrics && watchConnections(metrics, syncs);
      try {
        await worker.run();
      } finally {
        stopWatching?.();
        await Promise.all(
          [...syncs.values()].flatMap(({ source, destination }) => [source.end(), destination.end()]),
        );
      }
    },
  };
}

/** The connections of a sync. Connects to nothing yet. */
export function openResources(config: Config): SyncResources {
  const session = { idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_MS };
  return {
    config,
    source: createPool(config.source, {
      ...session,
      end: 'source',
      applicationName: SOURCE_APPLICATION,
      readOnly: true,
    }),
    destination: createPool(config.destination, {
      ...session,
      end: 'destination',
      applicationName: 'tidemark destination',
      readOnly: false,
    }),
  };
}

/** The bundle that the build made ahead, since bundling takes seconds; without a build, from the sources. */
export function workflowSource(
  encrypted = false,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'interceptors'> {
  // How failures are encoded is part of the bundle.
  const name = encrypted ? 'workflow-bundle-encrypted.js' : 'workflow-bundle.js';
  const bundle = join(__dirname, '../dist', name);
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  return {
    workflowsPath: require.resolve('./workflows'),
    interceptors: { workflowModules: [require.resolve('./workflows/interceptors')] },
  };
}
