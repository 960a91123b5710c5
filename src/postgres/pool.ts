import { Client, Pool, type PoolConfig } from 'pg';
import type { Endpoint } from './endpoint';
import { type End, markOrigin, setEnd } from './origin';
import { isLong } from './long-statement';
import { pinSettings } from './pinned-settings';
import { watchAnswer } from './watch-answer';

/** Sessions that only read the source go by this name, so that the horizon does not wait for our own (see open-transactions.ts). */
export const SOURCE_APPLICATION = 'tidemark source';

/** How long a connection may stay unused: short, so that a server which takes one at a time is free for others. */
const IDLE_MS = 1_000;
/** What the server's own statement_timeout is given to report, before the client takes the connection for dead. */
const GRACE_MS = 5_000;

export interface PoolOptions {
  /** Which end it leads to, so that errors can say so. */
  end?: End;
  /** Sources use {@link SOURCE_APPLICATION}. */
  applicationName: string;
  readOnly: boolean;
  /** Must be below the heartbeat timeout: a paused worker's locks go with it. */
  idleInTransactionTimeoutMs: number;
  /** Told of connections that broke while unused; they are replaced by themselves. */
  onIdleError?: (error: Error) => void;
}

/**
 * A pool of at most `maxConnections` sessions with pinned settings, in which every value arrives as PostgreSQL's own
 * text (or null). Connects lazily. Waiting for a free session is not bounded here: see {@link withClient}.
 */
export function createPool(endpoint: Endpoint, options: PoolOptions): Pool {
  const watchable = new WeakSet<object>();
  const config: PoolConfig = {
    host: endpoint.host,
    port: endpoint.port,
    database: endpoint.database,
    user: endpoint.username,
    password: endpoint.password,
    ssl: endpoint.tls,
    application_name: options.applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser: () => (text: unknown) => text },
    max: endpoint.maxConnections,
    idleTimeoutMillis: IDLE_MS,
    verify: (client, done) => {
      pinSettings(client, {
        readOnly: options.readOnly,
        statementTimeoutMs: endpoint.queryTimeoutMs,
        idleInTransactionTimeoutMs: options.idleInTransactionTimeoutMs,
      }).then((processId) => {
        // A pooler between has numbers of its own.
        if (processId === (client as { processID?: number }).processID) watchable.add(client);
        done();
      }, done);
    },
  };
  const pool = new Pool({ ...config, Client: timedClient(config, endpoint, watchable, options.end) });
  if (options.end) setEnd(pool, options.end);
  // Without a handler, a connection that breaks while its settings are pinned, or while unused, ends the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', (error) => options.onIdleError?.(error));
  return pool;
}

/**
 * pg's client with two timeouts of its own. `connectionTimeoutMillis` is the client's and not the pool's, since the
 * pool's also bounds how long one may wait for a free session. Plain queries are given up when a half-open connection
 * never answers; streams (objects with `submit`) may last longer than that and watch themselves.
 */
function timedClient(
  config: PoolConfig,
  endpoint: Endpoint,
  watchable: WeakSet<object>,
  end: End | undefined,
): new () => Client {
  const queryTimeout = endpoint.queryTimeoutMs + GRACE_MS;
  return class TimedClient extends Client {
    constructor() {
      super({ ...config, connectionTimeoutMillis: endpoint.connectTimeoutMs });
    }

    override query(...parameters: never[]): never {
      const [query, ...rest] = parameters as unknown[];
      const query_ = super.query.bind(this) as (...parameters: unknown[]) => unknown;
      const answer = query_(withTimeout(query, queryTimeout), ...rest);
      if (!(answer instanceof Promise)) return answer as never;
      if (end) answer.catch((error: unknown) => markOrigin(error, { end }));
      if (isLong(query) && watchable.has(this)) watchAnswer(this, config, answer);
      return answer as never;
    }
  };
}

function withTimeout(query: unknown, milliseconds: number): unknown {
  if (typeof query === 'string') return { text: query, query_timeout: milliseconds };
  if (typeof query !== 'object' || query === null || 'submit' in query) return query;
  return { query_timeout: milliseconds, ...query };
}
