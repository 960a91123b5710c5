import type { Config } from '../config/config';
import type { OpenTemporal } from './open-temporal';
import { openWorker } from './open-worker';

export interface RunningWorker {
  /** Lets the batches in flight end, or rolls them back after a grace, and closes all connections. */
  drain(): Promise<void>;
}

/** Runs a worker for one sync in this process. */
export async function runWorkerFor(config: Config, temporal: OpenTemporal): Promise<RunningWorker> {
  const { taskQueue } = temporal;
  const { worker, connection } = await openWorker(temporal.config, { configs: [config], taskQueue });
  // What ends it besides drain() shows as a run that does not move; it is told then.
  const running = worker.run().catch(() => undefined);
  let drained: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    worker.shutdown();
    await running;
    await connection.close();
  };
  return { drain: () => (drained ??= drain()) };
}
