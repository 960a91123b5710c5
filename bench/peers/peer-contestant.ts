import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import type { Database } from '../database';
import type { Environment } from '../environment';
import type { Contestant } from './contestant';
import { install } from './install';
import { bare, type Peer } from './peer';
import { startProcess } from './process';

/** A peer, installed. Its home is a folder of its own, and a proxy that is none keeps it on this machine. */
export async function peerContestant(
  peer: Peer,
  { source, destination }: Environment,
  say: (line: string) => void,
): Promise<Contestant> {
  const installed = await install(peer, say);
  const home = temporaryFolder();
  const folderOf = (table: string) => path.join(home, table);
  const schemas = [peer.schema, `${peer.schema}_staging`];
  return {
    name: peer.name,
    version: peer.version,
    mode: peer.mode,
    endsWhenKilled: true,
    stages: peer.stages,
    target: (table) => `${peer.schema}.${bare(table)}`,
    forget: async (table) => {
      rmSync(folderOf(table.name), { recursive: true, force: true });
      for (const schema of schemas) await destination.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await destination.run(`CREATE SCHEMA ${peer.schema}`);
    },
    start: (table) => {
      const folder = folderOf(table.name);
      mkdirSync(folder, { recursive: true });
      const job = { table, installed, folder, source: url(source), destination: url(destination) };
      const { command, args, env } = peer.prepare(job);
      const nowhere = 'http://127.0.0.1:9';
      const proxies = { HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, NO_PROXY: '127.0.0.1,localhost' };
      return Promise.resolve(
        startProcess({
          command,
          args,
          folder,
          env: { ...process.env, HOME: home, DO_NOT_TRACK: '1', ...proxies, ...peer.quiet, ...env },
          secret: source.server.password,
        }),
      );
    },
  };
}

function url({ server: { host, port, user, password }, name }: Database): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${name}`;
}
