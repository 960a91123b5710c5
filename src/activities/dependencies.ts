import { ApplicationFailure } from '@temporalio/activity';
import type { Pool } from 'pg';
import type { Config } from '../config/config';
import type { BatchInput } from '../plan/wire';
import type { Metrics } from './metrics';

/** The moments in a batch at which a crash matters. Tests end or stop the process there. */
export type BatchMoment = 'before-begin' | 'locked' | 'mid-copy' | 'before-commit' | 'committed';

/** A configured sync and its connections, as a worker holds them. */
export interface SyncResources {
  config: Config;
  source: Pool;
  destination: Pool;
}

/** What activities work with; nothing is read from the environment or a file once a worker runs. */
export interface Dependencies {
  /** By the sync's name. */
  syncs: ReadonlyMap<string, SyncResources>;
  /** The present instant, in milliseconds since 1970; the machine's clock outside tests. */
  now?: () => number;
  /** Where the worker has any: see metrics.ts. */
  metrics?: Metrics;
  /** Told when a batch comes to a moment, which waits for it (but for `mid-copy`); does nothing outside tests. */
  reached?: (moment: BatchMoment, batch: BatchInput) => void | Promise<void>;
}

/** The sync that a workflow asks for. Fails, without retries, where this worker was not given it. */
export function resourcesOf({ syncs }: Dependencies, name: string): SyncResources {
  const found = syncs.get(name);
  if (found) return found;
  const known = [...syncs.keys()].join(', ');
  throw ApplicationFailure.nonRetryable(
    `this worker has no configuration for the sync '${name}'; it knows: ${known}. Start it with that configuration (tidemark worker -c FILE), or give the syncs task queues of their own.`,
    'UnknownSync',
  );
}
