import { startTimescale, type TimescaleServer } from '../../src/embedded/timescale';
import { connectText, type TextRow } from './database';

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
