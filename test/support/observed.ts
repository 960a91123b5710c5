import { freePorts } from '../../src/embedded/free-port';
import { type CliProcess, folderWith, runCli, startCli } from '../commands/cli';
import { createDatabase, type TestDatabase } from './database';
import { type Sample, parseExposition } from './exposition';
import { until } from './poll';
import { temporalAddress, uniqueName } from './temporal';

/** The real worker command with all that one can look at, over databases of its own. */
export interface ObservedWorker {
  name: string;
  taskQueue: string;
  folder: string;
  env: NodeJS.ProcessEnv;
  source: TestDatabase;
  destination: TestDatabase;
  worker: CliProcess;
  metricsAddress: string;
  healthAddress: string;
  samples(): Promise<Sample[]>;
  /** Status and body of an answer of the health server's. */
  probe(path: string): Promise<{ status: number; body: Record<string, unknown> }>;
  /** The worker's log so far. @throws at a line that is no JSON */
  log(): Record<string, unknown>[];
  close(): Promise<void>;
}

/** Starts it, and waits until it is ready. `prepare` makes the source's tables. */
export async function startObservedWorker(
  settings: { tables: unknown[]; prepare: string },
  env: NodeJS.ProcessEnv = {},
): Promise<ObservedWorker> {
  const [source, destination] = await Promise.all([createDatabase(), createDatabase()]);
  await source.query(settings.prepare);
  const name = uniqueName('observed');
  const config = {
    ...{ name, settleDelay: '1 ms', tables: settings.tables, batch: { rows: 500 } },
    ...{ source: { url: source.url }, destination: { url: destination.url } },
    temporal: { address: temporalAddress(), taskQueue: name },
  };
  const { batch, ...rest } = config;
  const folder = await folderWith({ 'tidemark.yaml': JSON.stringify({ ...rest, defaults: { batch } }) });
  const [metricsPort, healthPort] = (await freePorts(2)) as [number, number];
  const metricsAddress = `127.0.0.1:${metricsPort}`;
  const healthAddress = `127.0.0.1:${healthPort}`;
  const options = ['--metrics', metricsAddress, '--health', healthAddress, '--log-level', 'debug'];
  const worker = startCli(['worker', ...options], { folder, env });
  const observed: ObservedWorker = {
    ...{ name, taskQueue: name, folder, env, source, destination, worker, metricsAddress, healthAddress },
    samples: async () => parseExposition(await (await fetch(`http://${metricsAddress}/metrics`)).text()),
    async probe(path) {
      const answer = await fetch(`http://${healthAddress}${path}`);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    log() {
      // The last line may be half written.
      const lines = worker.stderr().split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async close() {
      worker.child.kill('SIGKILL');
      await worker.ended;
      await Promise.all([source.drop(), destination.drop()]);
    },
  };
  await until(async () => (await observed.probe('/readyz')).status === 200, {
    what: 'a ready worker',
  });
  return observed;
}

/** Runs the command line beside the worker, in its folder. */
export function besideWorker({ folder, env }: ObservedWorker, ...args: string[]) {
  return runCli(args, { folder, env });
}
