import type { WorkerDeploymentOptions } from '@temporalio/worker';

/** A Worker Deployment Version, as Temporal calls it: a build of the workers of a deployment. */
export interface BuildVersion {
  deployment: string;
  buildId: string;
}

export const DEFAULT_DEPLOYMENT = 'tidemark';

/**
 * Pins each run, its tables' included, to the build that it began on: no change of workflow code can break it. To move
 * a long one to a newer build, cancel it and start it again: the new run goes on from the checkpoints.
 */
export function versioningOf({ deployment, buildId }: BuildVersion): WorkerDeploymentOptions {
  return {
    version: { deploymentName: deployment, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  };
}
