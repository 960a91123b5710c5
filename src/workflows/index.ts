export { reconcile } from './reconcile';
export { reconcileTable } from './reconcile-table';
export { scheduledSync } from './scheduled-sync';
export { sync } from './sync';
export { syncTable } from './sync-table';
export { watch } from './watch';
