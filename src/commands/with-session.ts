import type { PoolClient } from 'pg';
import { type Config, describeEndpoint } from '../config/config';
import { describeError } from '../postgres/describe-error';
import { createPool, SOURCE_APPLICATION } from '../postgres/pool';
import { withClient } from '../postgres/with-client';
import { Problem } from '../activities/problem';
import { Drift } from '../destination/drift';
import { CommandError } from './command-error';
import type { FailureKind } from './exit-codes';
import { kindOfFailure } from './failure-kind';

const IDLE_IN_TRANSACTION_MS = 20_000;

/**
 * Runs `fn` with the one session that a command takes at this end. Whatever the server or the network throws comes
 * out as a CommandError in our own words.
 */
export async function withSession<T>(
  config: Pick<Config, 'source' | 'destination'>,
  end: 'source' | 'destination',
  fn: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const endpoint = config[end];
  const pool = createPool(
    { ...endpoint, maxConnections: 1 },
    {
      applicationName: end === 'source' ? SOURCE_APPLICATION : 'tidemark destination',
      readOnly: end === 'source',
      idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_MS,
    },
  );
  try {
    return await withClient(pool, undefined, fn);
  } catch (error) {
    if (error instanceof CommandError || error instanceof Problem || error instanceof Drift) throw error;
    const { type, message, remedy, code } = describeError(error, { end, endpoint });
    if (type === 'Unexpected' && code === undefined) throw error;
    throw new CommandError(kindOfFailure(type) ?? kindHere(type), message, remedyHere(remedy));
  } finally {
    await pool.end();
  }
}

/** What a run waits out ends a command: a lock that is held, a query that takes too long. */
function kindHere(type: string): FailureKind {
  return type === 'Conflict' || type === 'Timeout' ? 'connection' : 'internal';
}

/** A command does not try again by itself, as a run does. */
function remedyHere(remedy: string): string {
  return remedy.replace(/^It is tried again by itself(?=[.;])/, 'Try again');
}

/** Where a finding about an end lies, without its password. */
export function placeOf(config: Config, end: 'source' | 'destination'): string {
  return `${end} ${describeEndpoint(config[end])}`;
}
