export { sync } from './sync';
export { syncTable } from './sync-table';
