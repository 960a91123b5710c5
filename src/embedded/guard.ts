import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import type { GuardAnswer, GuardOrder, RunOrder } from './guard-messages';

/**
 * A process of its own that runs embedded servers for its parent, and ends them when the parent is gone: the IPC
 * channel closes however the parent dies, SIGKILL included. It is started in a session of its own, so that the
 * terminal's Ctrl-C reaches neither it nor the servers, and the parent can shut down in order.
 */
const servers = new Map<number, { child: ChildProcess; order: RunOrder }>();
const temporaryFolders: string[] = [];
let ending = false;

process.on('message', (order: GuardOrder) => {
  if (order.type === 'run') run(order);
  else if (order.type === 'stop') stop(order.id);
  else temporaryFolders.push(order.folder);
});
process.on('disconnect', end);
process.on('SIGTERM', end);
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);

function run(order: RunOrder): void {
  const log = openSync(order.logFile, 'a');
  const child = spawn(order.command, order.args, {
    cwd: order.cwd,
    env: order.env,
    stdio: ['ignore', log, log],
    ...(order.runAs && { uid: order.runAs.uid, gid: order.runAs.gid }),
  });
  closeSync(log);
  const { id } = order;
  child.once('spawn', () => {
    servers.set(id, { child, order });
    if (ending) stop(id);
    answer({ type: 'started', id, pid: child.pid ?? 0 });
  });
  child.once('error', (error) => answer({ type: 'failed', id, reason: error.message }));
  child.once('exit', (code, signal) => {
    servers.delete(id);
    answer({ type: 'ended', id, how: signal ?? `exit code ${code ?? 0}` });
    if (ending) leave();
  });
}

function stop(id: number): void {
  const server = servers.get(id);
  if (!server) return;
  const { child, order } = server;
  child.kill(order.stopSignal);
  // A server that somebody paused would not see the signal.
  child.kill('SIGCONT');
  setTimeout(() => child.kill('SIGKILL'), order.graceMs).unref();
}

function end(): void {
  if (ending) return;
  ending = true;
  for (const id of servers.keys()) stop(id);
  leave();
}

function leave(): void {
  if (servers.size > 0) return;
  for (const folder of temporaryFolders) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  process.exit(0);
}

function answer(message: GuardAnswer): void {
  // The parent may be gone: nobody is left to be told.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
