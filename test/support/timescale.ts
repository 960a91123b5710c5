import { startTimescale, type TimescaleServer } from '../../src/embedded/timescale';
import { connectText, type TestDatabase, type TextRow } from './database';

export interface TestTimescale extends TimescaleServer {
  /** Runs statements one after another on a connection that is closed again: it serves one at a time. Last one's rows. */
  query(...statements: string[]): Promise<TextRow[]>;
}

/** An embedded TimescaleDB in memory, the test file's own (some seconds). The caller stops it. */
export async function startTestTimescale(): Promise<TestTimescale> {
  const server = await startTimescale();
  return {
    ...server,
    async query(...statements) {
      const client = await connectText({ connectionString: server.url });
      try {
        let rows: TextRow[] = [];
        for (const statement of statements) ({ rows } = await client.query<TextRow>(statement));
        return rows;
      } finally {
        await client.end();
      }
    },
  };
}

/** An embedded TimescaleDB as a harness's source; dropping it stops it. Its syncs take one connection (`maxConnections: 1`). */
export async function startTimescaleDatabase(): Promise<TestDatabase> {
  const server = await startTestTimescale();
  return {
    endpoint: {
      ...{ host: server.host, port: server.port, database: server.database, username: server.user },
      ...{ password: 'not asked for', tls: false, maxConnections: 1 },
      ...{ connectTimeoutMs: 10_000, queryTimeoutMs: 30_000 },
    },
    url: server.url,
    async query(sql, values) {
      const client = await connectText({ connectionString: server.url });
      try {
        return await client.query<TextRow>(sql, values);
      } finally {
        await client.end();
      }
    },
    connect: (config) => connectText({ connectionString: server.url, ...config }),
    drop: () => server.stop(),
  };
}
