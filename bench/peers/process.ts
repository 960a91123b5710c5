import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Load } from './contestant';

const ERROR_LENGTH = 160;

interface Program {
  command: string;
  args: string[];
  /** Where it runs, and where its log is kept. */
  folder: string;
  env: NodeJS.ProcessEnv;
  /** What must not be shown of its log. */
  secret: string;
}

const groups = new Set<number>();
process.on('exit', () => groups.forEach(killGroup));

/** Runs a program as the head of a process group, so that it can be killed with all that it starts. */
export function startProcess({ command, args, folder, env, secret }: Program): Load {
  const logFile = path.join(folder, 'log');
  const log = openSync(logFile, 'w');
  const startedAt = performance.now();
  const child = spawn(command, args, { cwd: folder, env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);
  const done = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (pid !== undefined) groups.delete(pid);
      if (code === 0) resolve((performance.now() - startedAt) / 1000);
      else reject(new Error(signal ?? reasonIn(logFile).replaceAll(secret, '***')));
    });
  });
  return { done, kill: () => pid !== undefined && killGroup(pid) };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

/** The last line of a log that speaks of an error, else the last one. */
function reasonIn(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const reason =
    lines.findLast((line) => /error|exception|fail/i.test(line)) ?? lines.at(-1) ?? 'no reason given';
  return reason.length > ERROR_LENGTH ? `${reason.slice(0, ERROR_LENGTH)} …` : reason;
}
