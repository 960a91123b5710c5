import type { Pool } from 'pg';
import type { SyncResources } from './activities/dependencies';
import type { Metrics } from './activities/metrics';

const LOOK_EVERY_MS = 5_000;

/** Measures the connections of each sync at once, and from then on, until what it returns is called. */
export function watchConnections(metrics: Metrics, syncs: ReadonlyMap<string, SyncResources>): () => void {
  const look = (): void => {
    for (const [sync, { source, destination }] of syncs) {
      measure(metrics, sync, 'source', source);
      measure(metrics, sync, 'destination', destination);
    }
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

function measure(metrics: Metrics, sync: string, end: string, pool: Pool): void {
  const counts = {
    'in use': pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
  };
  for (const [state, count] of Object.entries(counts))
    metrics.set('tidemark_connections', count, { sync, end, state });
}
