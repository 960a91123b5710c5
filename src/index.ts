/**
 * Tidemark as a library: for workers and clients of one's own. What is exported here is what versions keep; other files
 * of the package may change. See docs/EMBEDDING.md.
 */
export { createActivities, type Activities } from './activities';
export type { SyncResources } from './activities/dependencies';
export type { Config, TemporalConfig } from './config/config';
export { ConfigError } from './config/config-error';
export { loadConfig } from './config/load';
export type { Comparison, ReconcileInput, ReconcileProgress, ReconcileSummary } from './plan/reconcile-wire';
export type { SyncInput, SyncProgress, SyncSummary, TableProgress, TableState } from './plan/wire';
export { childId, comparisonWorkflowId, syncWorkflowId } from './plan/workflow-ids';
export { connectClient, connectWorker } from './temporal/connect';
export { startComparison } from './temporal/start-comparison';
export { startSync } from './temporal/start-sync';
export { DEFAULT_TASK_QUEUE, taskQueueOf } from './temporal/task-queue';
export { TemporalUnreachable } from './temporal/temporal-unreachable';
export { createWorker, openResources, type TidemarkWorker, type TidemarkWorkerOptions } from './worker';
