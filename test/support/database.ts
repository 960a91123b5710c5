import { randomBytes } from 'node:crypto';
import { Client, type ClientConfig, type QueryResult } from 'pg';
import type { Endpoint } from '../../src/postgres/endpoint';
import { until } from './poll';
import { type ServerAddresses, serverAddresses } from './servers';

/** One row, its values as PostgreSQL's own text. */
export type TextRow = Record<string, string | null>;

export interface TestDatabase {
  /** As the product takes it. */
  endpoint: Endpoint;
  url: string;
  /** Runs a statement (or several, when there are no values) on a connection that is this database's own. */
  query(sql: string, values?: unknown[]): Promise<QueryResult<TextRow>>;
  /** Another connection, which the test must end. Values arrive as text. */
  connect(config?: ClientConfig): Promise<Client>;
  /** Drops it. @throws when somebody left a connection open */
  drop(): Promise<void>;
}

/** What takes longer was left open, however slow the machine is. */
const CLOSED_MS = 30_000;

/** Where a database is made: a role that may, on a server. */
export type TestServer = ServerAddresses['postgres'];

/** A fresh, empty database, on the test run's PostgreSQL unless another server is given. */
export async function createDatabase(server: TestServer = serverAddresses().postgres): Promise<TestDatabase> {
  const database = `test_${randomBytes(6).toString('hex')}`;
  const { host, port, user, password } = server;
  const onServer = async (sql: string, values?: unknown[]): Promise<TextRow[]> => {
    const client = await connectText({ ...server, database: 'postgres' });
    try {
      return (await client.query<TextRow>(sql, values)).rows;
    } finally {
      await client.end();
    }
  };
  // Two sessions cannot clone a template at once: the other test file's may be at it.
  await until(() => onServer(`CREATE DATABASE ${database}`).then(() => true), { what: 'CREATE DATABASE' });

  const connect = (config: ClientConfig = {}) => connectText({ ...server, database, ...config });
  const own = await connect();
  return {
    endpoint: {
      ...{ host, port, database, username: user, password, tls: false },
      ...{ maxConnections: 4, connectTimeoutMs: 20_000, queryTimeoutMs: 20_000 },
    },
    url: `postgres://${user}:${password}@${host}:${port}/${database}`,
    connect,
    query: (sql, values) => own.query<TextRow>(sql, values),
    async drop() {
      await own.end();
      try {
        await until(async () => (await openSessions(onServer, database)).length === 0, {
          timeout: CLOSED_MS,
        });
      } catch {
        const sessions = await openSessions(onServer, database);
        throw new Error(`Connections were left open: ${JSON.stringify(sessions)}`);
      } finally {
        await onServer(`DROP DATABASE ${database} WITH (FORCE)`);
      }
    },
  };
}

function openSessions(onServer: (sql: string, values: unknown[]) => Promise<TextRow[]>, name: string) {
  return onServer(
    `SELECT application_name, state, left(query, 100) AS query FROM pg_stat_activity
     WHERE datname = $1 AND backend_type = 'client backend'`,
    [name],
  );
}

/** Connects a client whose values arrive as text, and whose connection may be cut without ending the process. */
export async function connectText(config: ClientConfig): Promise<Client> {
  const client = new Client({ ...config, types: { getTypeParser: () => (text: unknown) => text } });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
