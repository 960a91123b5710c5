import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { z } from 'zod';
import { findTemporalServer } from './find-temporal';
import { freePorts } from './free-port';
import { startGuarded, untilReady } from './guarded-process';
import { isAlive } from './is-alive';
import { makePrivateFolder } from './private-folder';

/** A first start creates the database; on a busy machine that takes some seconds. Whoever starts one gives up then. */
const START_MS = 60_000;
/** The server writes its state at once; it needs no time to end in order. */
const GRACE_MS = 5_000;

/** How often to see whether a server is still there. */
const LOOK_MS = 200;

/** Tasks that wait are dealt out by fairness key. The second is for those of an older database that waited before that. */
const SETTINGS = { 'matching.enableFairness': 'true', 'matching.enableMigration': 'true' };

export interface TemporalServer {
  /** host:port of the gRPC front end. */
  address: string;
  /** Of Temporal's own web page, where it has one. */
  uiAddress?: string | undefined;
  pid: number;
  /** It was running already, started by another process, and ends with that one: stop() leaves it alone. */
  attached: boolean;
  /** Settles once its process is gone, whoever started it. */
  gone(): Promise<void>;
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface TemporalOptions {
  /** Holds temporal.db (all of the server's state), temporal.json (who runs it) and temporal.log. */
  folder: string;
  /** A free one unless given. */
  port?: number;
  /** Whether to serve Temporal's web page. */
  ui?: boolean;
  /** The codec server that the web page asks to decrypt. */
  codecEndpoint?: string;
  /** Temporal's dynamic configuration, such as `limit.historyCount.suggestContinueAsNew`. */
  settings?: Record<string, string>;
  /** Told of what takes long (a download). */
  log?: (line: string) => void;
}

const Running = z.object({ pid: z.number(), address: z.string(), uiAddress: z.string().optional() });
type Running = z.infer<typeof Running>;

/**
 * Starts the durable Temporal dev server on a folder, or attaches to the one that runs there: two servers on one
 * database would corrupt it. Ready when this returns.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const folder = path.resolve(options.folder);
  makePrivateFolder(folder);
  const record = path.join(folder, 'temporal.json');
  const logFile = path.join(folder, 'temporal.log');
  const binary = await findTemporalServer(options.log);
  const [freeOne = 0, uiPort = 0] = await freePorts(2);
  const port = options.port ?? freeOne;
  const running: Running = {
    pid: process.pid,
    address: `127.0.0.1:${port}`,
    uiAddress: options.ui ? `http://127.0.0.1:${uiPort}` : undefined,
  };
  const other = await claim(record, running);
  if (other) return other;

  try {
    const server = await startGuarded({
      command: binary,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
        ...['--db-filename', path.join(folder, 'temporal.db'), '--log-level', 'warn'],
        ...Object.entries({ ...SETTINGS, ...options.settings }).flatMap(([name, value]) => [
          '--dynamic-config-value',
          `${name}=${value}`,
        ]),
        ...(options.ui ? ['--ui-port', String(uiPort), '--ui-disable-news-fetch'] : ['--headless']),
        ...(options.codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', options.codecEndpoint]),
      ],
      cwd: folder,
      logFile,
      stopSignal: 'SIGTERM',
      graceMs: GRACE_MS,
    });
    writeFileSync(record, JSON.stringify({ ...running, pid: server.pid }));
    await untilReady('The Temporal dev server', server, logFile, START_MS, () => ping(running.address));
    return {
      address: running.address,
      uiAddress: running.uiAddress,
      pid: server.pid,
      attached: false,
      gone: () => endOf(server.pid),
      async stop() {
        await server.stop();
        rmSync(record, { force: true });
      },
      kill: (signal) => server.kill(signal),
    };
  } catch (error) {
    rmSync(record, { force: true });
    throw error;
  }
}

/**
 * Claims the folder for this process by its record, which only one can create. Where another's record stands, waits
 * until its server answers, and returns that; or replaces the record when the process it names is gone, or is another
 * by now: process ids are used again, after a restart of the machine above all.
 */
async function claim(record: string, running: Running): Promise<TemporalServer | undefined> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (createRecord(record, running)) return undefined;
    const other = readRecord(record);
    if (!other || !isAlive(other.pid) || (other.hadItsTime && !(await isOpen(other.address)))) {
      rmSync(record, { force: true });
    } else if (await answers(other.address)) {
      return {
        address: other.address,
        uiAddress: other.uiAddress,
        pid: other.pid,
        attached: true,
        gone: () => endOf(other.pid),
        stop: () => Promise.resolve(),
        kill: () => Promise.resolve(),
      };
    } else if (Date.now() > deadline) {
      throw new Error(
        `A Temporal dev server for ${path.dirname(record)} is running as process ${other.pid}, but does not answer ` +
          `at ${other.address}. End that process, and try again.`,
      );
    } else {
      await setTimeout(100);
    }
  }
}

/** Looks for the process until it is gone. Keeps no other from ending meanwhile. */
async function endOf(pid: number): Promise<void> {
  while (isAlive(pid)) await setTimeout(LOOK_MS, undefined, { ref: false });
}

/** Creates the record with its content at once, so that nobody reads half of it. False: there is one. */
function createRecord(record: string, running: Running): boolean {
  const draft = `${record}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(running));
  try {
    linkSync(draft, record);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Undefined: it is gone by now, or broken. Its server had its time once it could not be starting any more. */
function readRecord(record: string): (Running & { hadItsTime: boolean }) | undefined {
  try {
    const running = Running.parse(JSON.parse(readFileSync(record, 'utf8')));
    return { ...running, hadItsTime: Date.now() - statSync(record).mtimeMs > START_MS };
  } catch {
    return undefined;
  }
}

/** Whether anything listens there; a paused server counts, since the system accepts connections for it. */
function isOpen(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function answers(address: string): Promise<boolean> {
  return ping(address).then(
    () => true,
    () => false,
  );
}

/** A real call: the port accepts connections well before the server can do anything, and its namespace comes last. */
async function ping(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
  } finally {
    await connection.close();
  }
}

/** Where the server of a folder answers at this moment; undefined where none runs. Starts nothing. */
export async function findRunningTemporal(
  folder: string,
): Promise<Pick<TemporalServer, 'address' | 'uiAddress'> | undefined> {
  const running = readRecord(path.join(path.resolve(folder), 'temporal.json'));
  return running && isAlive(running.pid) && (await answers(running.address))
    ? { address: running.address, uiAddress: running.uiAddress }
    : undefined;
}
