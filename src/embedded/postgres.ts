import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from './free-port';
import { startGuarded, untilReady, type GuardedProcess } from './guarded-process';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries';

const START_MS = 60_000;
/** A fast shutdown writes a checkpoint. */
const GRACE_MS = 15_000;
const USER = 'postgres';
const DATABASE = 'postgres';

export interface PostgresServer {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  url: string;
  /** The postmaster's; another one after restart(). */
  readonly pid: number;
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it in order if it still runs, and starts it again on the same folder and port. */
  restart(): Promise<void>;
}

export interface PostgresOptions {
  /** Holds the database (in data/), the superuser's password and the log. */
  folder: string;
  /** A free one unless given. */
  port?: number;
  /** A folder of other binaries than the package's: PostgreSQL 15 or later, whose extensions are then there. */
  bin?: string;
  /** The server's settings, besides those it needs here. */
  settings?: Record<string, string>;
  /** Whether what is committed survives a crash of the machine; a crash of the server alone always. Default: true. */
  durable?: boolean;
}

/**
 * Starts a native PostgreSQL on a folder, which it sets up first where it is empty. It listens on 127.0.0.1 alone,
 * and asks for a password. Ready when this returns.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const binaries = postgresBinaries(options.bin);
  const folder = prepareFolder(path.resolve(options.folder), binaries);
  if (!existsSync(path.join(folder, 'data/PG_VERSION'))) await initialise(folder, binaries);
  const password = readFileSync(path.join(folder, 'password'), 'utf8').trim();
  const port = options.port ?? (await freePort());
  const address = { host: '127.0.0.1', port, user: USER, password, database: DATABASE };
  const settings = {
    ...{ ...SETTINGS, port: String(port) },
    ...(options.durable === false && FORGETFUL),
    ...options.settings,
  };
  const logFile = path.join(folder, 'postgres.log');

  const start = async (): Promise<GuardedProcess> => {
    const server = await startGuarded({
      command: binaries.postgres,
      args: [
        ...['-D', path.join(folder, 'data')],
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      cwd: folder,
      logFile,
      // Fast shutdown: ends sessions without waiting for them.
      stopSignal: 'SIGINT',
      graceMs: GRACE_MS,
      runAs: binaries.runAs,
    });
    await untilReady('The embedded PostgreSQL', server, logFile, START_MS, () => ping(address));
    return server;
  };

  let server = await start();
  return {
    ...address,
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    kill: (signal) => server.kill(signal),
    async restart() {
      await server.stop();
      server = await retry(start);
    },
  };
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  max_prepared_transactions: '10',
  shared_buffers: '128MB',
};

/** For tests: the operating system does not crash in them. Not synchronous_commit, which a killed postmaster would lose by. */
const FORGETFUL = { fsync: 'off', full_page_writes: 'off' };

/**
 * Makes the folder, and gives it to the user that PostgreSQL runs as. Where that user cannot get there, as nobody
 * cannot get into root's home folder, one in the temp folder stands in for it, always the same.
 */
function prepareFolder(folder: string, { runAs }: PostgresBinaries): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!runAs) return folder;
  chownSync(folder, runAs.uid, runAs.gid);
  if (spawnSync('test', ['-x', folder], { ...runAs, cwd: '/' }).status === 0) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const reachable = path.join(tmpdir(), `tidemark-postgres-data-${name}`);
  mkdirSync(reachable, { recursive: true, mode: 0o700 });
  chownSync(reachable, runAs.uid, runAs.gid);
  return reachable;
}

async function initialise(folder: string, { initdb, runAs }: PostgresBinaries): Promise<void> {
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 });
  if (runAs) chownSync(passwordFile, runAs.uid, runAs.gid);
  // What an interrupted attempt left.
  rmSync(path.join(folder, 'data'), { recursive: true, force: true });
  const where = [`--pgdata=${path.join(folder, 'data')}`, `--username=${USER}`, `--pwfile=${passwordFile}`];
  // A locale that is built in is the same on every machine; before PostgreSQL 17 there was none of UTF-8's.
  const { stdout } = await promisify(execFile)(initdb, ['--version'], { cwd: '/', ...runAs });
  const builtin = Number(/(\d+)/.exec(stdout)?.[1]) >= 17;
  const provider = builtin ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  const locale = ['--encoding=UTF8', '--locale=C', ...provider];
  try {
    await promisify(execFile)(initdb, [...where, ...locale, '--auth=scram-sha-256', '--no-sync'], {
      cwd: folder,
      ...runAs,
    });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(
      `The embedded PostgreSQL could not be set up in ${folder}: ${stderr?.trim() ?? String(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Where the postmaster was killed, its sessions take a moment to notice, and until then it cannot start again. */
async function retry<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

async function ping(address: {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}) {
  const client = new Client({ ...address, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  await client.end();
}
