// A worker of one's own: Tidemark's workflows and activities beside others, on one task queue.
// node worker.js tidemark.yaml
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities, loadConfig, openResources, taskQueueOf } from 'tidemark';
import * as announcements from './activities';

async function main(): Promise<void> {
  const config = await loadConfig(process.argv[2] ?? 'tidemark.yaml');
  if (!config.temporal) throw new Error('Name a Temporal server: temporal: { address: localhost:7233 }');
  const { address, namespace } = config.temporal;
  const connection = await NativeConnection.connect({ address });
  const resources = openResources(config);
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: taskQueueOf(config),
      workflowsPath: require.resolve('./workflows'),
      activities: { ...createActivities({ syncs: new Map([[config.name, resources]]) }), ...announcements },
      // What Tidemark's own worker takes: batches end or are rolled back, and heartbeats are passed on in time.
      shutdownGraceTime: '10 seconds',
      shutdownForceTime: '30 seconds',
      maxHeartbeatThrottleInterval: '2 seconds',
    });
    await worker.run();
  } finally {
    await Promise.all([resources.source.end(), resources.destination.end(), connection.close()]);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
