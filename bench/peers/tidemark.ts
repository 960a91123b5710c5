import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment, Worker } from '../environment';
import type { Contestant } from './contestant';

/**
 * Tidemark, whose worker is there before its first load and stays for the next, as it does in use. It is the process
 * that is killed: the run itself is kept by Temporal, and goes on.
 */
export function tidemark({ destination, startWorker }: Environment): Contestant {
  let worker: Worker | undefined;
  let ofTable: string | undefined;
  let running: Promise<number> | undefined;
  return {
    name: 'Tidemark',
    version: ownVersion(),
    mode: 'upsert',
    endsWhenKilled: false,
    stages: false,
    target: (table) => table.name,
    forget: async (table) => {
      await destination.run(`DROP TABLE IF EXISTS ${table.name}; DROP SCHEMA IF EXISTS tidemark CASCADE`);
    },
    start: async (table) => {
      if (ofTable !== table.name) {
        await worker?.stop();
        worker = undefined;
        ofTable = table.name;
      }
      const tables = [{ name: table.name, cursor: table.cursor }];
      const started = (worker ??= await startWorker(`peers-${table.name.replace('.', '-')}`, tables));
      running ??= started.sync([table.name]).finally(() => (running = undefined));
      return {
        done: running,
        kill: () => {
          process.kill(started.pid, 'SIGKILL');
          worker = undefined;
        },
      };
    },
  };
}

function ownVersion(): string {
  const file = path.resolve(__dirname, '../../package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
