import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * Run as a process: lets the SDK download its own Temporal dev server into the folder of the first argument. A process
 * of its own, because the SDK's runtime can be set up only once in a process, and because a download that hangs can be
 * given up only from outside.
 */
async function main(): Promise<void> {
  const downloadDir = process.argv[2];
  if (downloadDir === undefined) throw new Error('The first argument names the folder to download into.');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir } },
  });
  await environment.teardown();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
