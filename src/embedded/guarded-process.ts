import { fork, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GuardAnswer, GuardOrder, RunOrder } from './guard-messages';

/** Compiled, also when this file runs from src/ (tests, demo): a process that outlives its parent needs plain Node. */
const GUARD = path.resolve(__dirname, '../../dist/embedded/guard.js');
/** How much of a server's log goes into an error. */
const LOG_LINES = 8;

/** A server run by the guard, which ends it should this process die. */
export interface GuardedProcess {
  /** The server's own process id, not the guard's. */
  readonly pid: number;
  /** How it ended (`SIGKILL`, `exit code 1`), once it has. */
  readonly ended: string | undefined;
  /** Asks it to end in order, and kills it if it does not within its grace. Returns once it is gone. */
  stop(): Promise<void>;
  /** Sends a signal; after SIGKILL, returns once it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export type GuardedCommand = Omit<RunOrder, 'type' | 'id' | 'env'> & { env?: NodeJS.ProcessEnv };

interface Watched {
  started: (pid: number) => void;
  failed: (reason: string) => void;
  ended: (how: string) => void;
}

/** The guard process, with what it watches for us. */
interface Guard {
  child: ChildProcess;
  watched: Map<number, Watched>;
  hasTemporaryFolder: boolean;
}

let current: Guard | undefined;
let lastId = 0;

/** Starts a server under the guard. Returns as soon as it has a process id, which is before it is ready. */
export async function startGuarded(command: GuardedCommand): Promise<GuardedProcess> {
  const guard = (current ??= startGuard());
  const id = ++lastId;
  let how: string | undefined;
  let tellEnded: () => void = () => undefined;
  const end = new Promise<void>((resolve) => (tellEnded = resolve));
  const pid = await stayAlive(
    new Promise<number>((resolve, reject) => {
      guard.watched.set(id, {
        started: resolve,
        failed: (reason) => reject(new Error(`${command.command} cannot be started: ${reason}`)),
        ended: (reason) => {
          how = reason;
          tellEnded();
        },
      });
      send(guard, { ...command, type: 'run', id, env: command.env ?? process.env });
    }),
  );
  return {
    pid,
    get ended() {
      return how;
    },
    async stop() {
      if (how !== undefined) return;
      send(guard, { type: 'stop', id });
      await stayAlive(end);
      if (guard.watched.size === 0 && !guard.hasTemporaryFolder) await endGuard(guard);
    },
    async kill(signal) {
      if (how !== undefined) return;
      process.kill(pid, signal);
      if (signal === 'SIGKILL') await stayAlive(end);
    },
  };
}

/**
 * Makes a folder that is deleted when this process ends, however it does, after its embedded servers have ended.
 * Others may pass through it, so that a server that must not run as root can reach its own folder in it.
 */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidemark-'));
  chmodSync(folder, 0o711);
  const guard = (current ??= startGuard());
  guard.hasTemporaryFolder = true;
  send(guard, { type: 'temporary', folder });
  return folder;
}

/**
 * Ends all embedded servers of this process in order, then deletes its temporary folders. Returns when all is gone. Not
 * needed for nothing to be left behind, but then this process may be gone a few seconds before its servers are.
 */
export async function stopEmbedded(): Promise<void> {
  if (current) await endGuard(current);
}

/**
 * Waits until `probe` returns something, asking every 50 ms.
 * @throws when the server has ended meanwhile, or after `timeoutMs`; with the end of its log
 */
export async function untilReady<T>(
  name: string,
  server: GuardedProcess,
  logFile: string,
  timeoutMs: number,
  probe: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (server.ended !== undefined) {
      throw new Error(`${name} did not start (${server.ended}).${logTail(logFile)}`);
    }
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > deadline) {
        await server.stop();
        throw new Error(`${name} did not answer within ${timeoutMs / 1000} s.${logTail(logFile)}`, {
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function logTail(logFile: string): string {
  try {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
    return ` The end of its log, ${logFile}:\n${lines.map((line) => `  ${line.slice(0, 300)}`).join('\n')}`;
  } catch {
    return '';
  }
}

function startGuard(): Guard {
  // Without execArgv: [] the guard would inherit the loaders of tsx and jest.
  const child = fork(GUARD, { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const guard: Guard = { child, watched: new Map(), hasTemporaryFolder: false };
  // Neither the guard nor its channel keeps this process from ending when nothing else is to do.
  child.unref();
  child.channel?.unref();
  child.on('message', (message) => hear(guard, message as GuardAnswer));
  child.on('error', () => undefined);
  child.once('exit', () => {
    if (current === guard) current = undefined;
    for (const { failed, ended } of guard.watched.values()) {
      failed('its guard process ended');
      ended('with its guard process');
    }
    guard.watched.clear();
  });
  return guard;
}

/** Has the guard end all that it runs, and returns once it is gone itself. */
async function endGuard(guard: Guard): Promise<void> {
  if (current === guard) current = undefined;
  if (guard.child.exitCode !== null || guard.child.signalCode !== null) return;
  const exit = new Promise((resolve) => guard.child.once('exit', resolve));
  if (guard.child.connected) guard.child.disconnect();
  await stayAlive(exit);
}

function send({ child }: Guard, order: GuardOrder): void {
  // A guard that is gone has told so, or is about to.
  if (child.connected) child.send(order);
}

function hear({ watched }: Guard, answer: GuardAnswer): void {
  const server = watched.get(answer.id);
  if (answer.type === 'started') server?.started(answer.pid);
  else {
    watched.delete(answer.id);
    if (answer.type === 'failed') server?.failed(answer.reason);
    else server?.ended(answer.how);
  }
}

/** Keeps this process from ending while it waits, as the guard's channel does not. */
async function stayAlive<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, 60_000);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}
