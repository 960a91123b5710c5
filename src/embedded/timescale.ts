import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port';
import { startGuarded, untilReady } from './guarded-process';
import { makePrivateFolder } from './private-folder';

const PROCESS = path.resolve(__dirname, '../../dist/embedded/timescale-process.js');
const START_MS = 60_000;
const GRACE_MS = 5_000;

export interface TimescaleServer {
  host: string;
  port: number;
  user: string;
  database: string;
  url: string;
  pid: number;
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface TimescaleOptions {
  /** Holds the database and a log; without it, the database is in memory. */
  folder?: string;
  /** A free one unless given. */
  port?: number;
}

/**
 * Starts an embedded TimescaleDB with pgvector, both extensions created: PostgreSQL in WASM, for demos and tests. It
 * serves one connection at a time and lets the others wait. A source only: COPY FROM STDIN crashes it, statements
 * cannot be cancelled, and pg_stat_activity is empty. Ready when this returns.
 */
export async function startTimescale(options: TimescaleOptions = {}): Promise<TimescaleServer> {
  const port = options.port ?? (await freePort());
  const folder = options.folder === undefined ? undefined : path.resolve(options.folder);
  if (folder !== undefined) makePrivateFolder(folder);
  const logFile = folder === undefined ? '/dev/null' : path.join(folder, 'timescale.log');
  const address = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' };
  const server = await startGuarded({
    command: process.execPath,
    args: [PROCESS, String(port), ...(folder === undefined ? [] : [path.join(folder, 'data')])],
    cwd: folder ?? tmpdir(),
    logFile,
    stopSignal: 'SIGTERM',
    graceMs: GRACE_MS,
  });
  await untilReady('The embedded TimescaleDB', server, logFile, START_MS, async () => {
    const client = new Client({ ...address, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    await client.end();
  });
  return {
    ...address,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    pid: server.pid,
    stop: () => server.stop(),
    kill: (signal) => server.kill(signal),
  };
}
