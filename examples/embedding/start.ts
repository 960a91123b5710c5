// Starts a sync by name, with nothing but Temporal's client: any of its SDKs can do the same.
// TEMPORAL_ADDRESS=localhost:7233 node start.js plant
import { Client, Connection } from '@temporalio/client';

async function main(): Promise<void> {
  const name = process.argv[2] ?? 'plant';
  const connection = await Connection.connect({
    address: process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233',
  });
  const client = new Client({ connection });
  const summary: unknown = await client.workflow.execute('sync', {
    taskQueue: process.env['TASK_QUEUE'] ?? 'tidemark',
    workflowId: `tidemark:${name}`,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [{ sync: name }],
  });
  console.log(JSON.stringify(summary));
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
