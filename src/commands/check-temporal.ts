import type { Config } from '../config/config';
import { connectClient } from '../temporal/connect';
import { hasWorker, taskQueueOf } from '../temporal/task-queue';
import { errorFinding, type Finding, info } from './finding';
import { TemporalUnreachable } from '../temporal/temporal-unreachable';

/** Whether the configured Temporal answers, and a worker is there. Starts no server. */
export async function checkTemporal(config: Config, file: string): Promise<Finding[]> {
  const { temporal } = config;
  if (!temporal)
    return [
      info(
        'temporal',
        'no Temporal is configured: tidemark sync runs a durable server of its own, in .tidemark/',
      ),
    ];
  const where = `temporal ${temporal.address}, namespace ${temporal.namespace}`;
  const taskQueue = taskQueueOf(config);
  try {
    const { client, close } = await connectClient(temporal);
    const found = await hasWorker({ client, namespace: temporal.namespace, taskQueue });
    await close();
    return [
      found
        ? info(where, `a worker polls the task queue ${taskQueue}`)
        : info(
            where,
            `no worker polls the task queue ${taskQueue}`,
            `Start one before syncing: tidemark worker -c ${file}`,
          ),
    ];
  } catch (error) {
    if (error instanceof TemporalUnreachable)
      return [errorFinding('connection', where, error.message, error.remedy)];
    return [
      errorFinding(
        'connection',
        where,
        'Temporal refuses the namespace or the credentials',
        'Check temporal.namespace, TLS and the API key.',
      ),
    ];
  }
}
