import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config, TemporalConfig } from '../src/config/config';
import { loadConfig } from '../src/config/load';
import { type GuardedProcess, startGuarded, temporaryFolder } from '../src/embedded/guarded-process';
import { startPostgres } from '../src/embedded/postgres';
import { startTemporal } from '../src/embedded/temporal';
import { startTimescale } from '../src/embedded/timescale';

const CLI = path.resolve(__dirname, '../dist/cli.js');
/** Short: what it leaves undone is thrown away. */
const WORKER_GRACE_MS = 3_000;

/** What runs while the demo does. All of it ends, and the folder goes, with `stopEmbedded` or with this process. */
export interface Environment {
  config: Config;
  temporal: TemporalConfig;
  /** Of Temporal's web page, where it was asked for. */
  uiAddress: string | undefined;
  startWorker: () => Promise<Worker>;
}

export interface Worker extends GuardedProcess {
  logFile: string;
}

/**
 * Starts both databases and Temporal (unless TEMPORAL_ADDRESS names one) in a temporary folder, and writes the configuration of the sync there.
 */
export async function startEnvironment(options: {
  ui: boolean;
  log: (line: string) => void;
}): Promise<Environment> {
  const folder = temporaryFolder();
  const elsewhere = Boolean(process.env['TEMPORAL_ADDRESS']);
  const [timescale, postgres, temporal] = await Promise.all([
    startTimescale({ folder: path.join(folder, 'timescale') }),
    startPostgres({ folder: path.join(folder, 'postgres') }),
    elsewhere
      ? undefined
      : startTemporal({ folder: path.join(folder, 'temporal'), ui: options.ui, log: options.log }),
  ]);
  const file = path.join(folder, 'tidemark.yaml');
  writeFileSync(file, configuration(timescale.url, temporal?.address));
  const env = { ...process.env, DESTINATION_URL: postgres.url };
  const config = await loadConfig(file, env);
  if (config.temporal === undefined) throw new Error('The configuration names no Temporal server.');
  return {
    config,
    temporal: config.temporal,
    uiAddress: temporal?.uiAddress,
    startWorker: async () => {
      const logFile = path.join(folder, 'worker.log');
      const worker = await startGuarded({
        command: process.execPath,
        args: [CLI, 'worker', '-c', file],
        cwd: folder,
        env,
        logFile,
        stopSignal: 'SIGTERM',
        graceMs: WORKER_GRACE_MS,
      });
      return Object.assign(worker, { logFile });
    },
  };
}

/** Without an address, Temporal is where the environment says. Others may use it: name and task queue are this run's own. */
function configuration(sourceUrl: string, temporalAddress: string | undefined): string {
  const name = temporalAddress === undefined ? `demo-${randomUUID()}` : 'demo';
  const own =
    temporalAddress === undefined ? '' : `address: "${temporalAddress}", namespace: default, tls: false, `;
  return `name: ${name}
source: { url: "${sourceUrl}", maxConnections: 1 } # the embedded TimescaleDB serves one at a time
destination: { url: "\${DESTINATION_URL}" }
settleDelay: 1 second
defaults: { lookback: 10 minutes }
tables:
  - { name: public.sensor_data, cursor: time, batch: { rows: 20000 }, deletes: mirror }
  - { name: public.sensor_embeddings, cursor: created_at, batch: { rows: 1000 } }
temporal: { ${own}taskQueue: "tidemark-${name}" }
`;
}
