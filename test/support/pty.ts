import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { until } from './poll';

/* A terminal for a command, by Python's standard library: Node.js has none of its own. */
const RELAY = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/** It has no size by itself. */
const SIZED = 'stty rows 40 cols 120; exec "$@"';

/** describe, where there is a Python; elsewhere its tests are skipped, and counted so. */
export const describeTerminal =
  spawnSync('python3', ['-c', 'import pty']).status === 0 ? describe : describe.skip;

export interface Terminal {
  child: ChildProcess;
  /** All that was shown so far, control sequences included. */
  shown(): string;
  /** Waits until what was shown since the last key matches, and then presses keys. */
  answer(question: RegExp, keys: string): Promise<void>;
  ended: Promise<number | null>;
}

/** Runs a command whose stdin, stdout and stderr are one terminal. */
export function startOnTerminal(
  command: readonly string[],
  { folder, env }: { folder: string; env: NodeJS.ProcessEnv },
): Terminal {
  const child = spawn('python3', ['-c', RELAY, 'sh', '-c', SIZED, 'sh', ...command], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let from = 0;
  child.stdout.on('data', (data: Buffer) => (shown += data.toString()));
  child.stdin.on('error', () => undefined);
  return {
    child,
    shown: () => shown,
    async answer(question, keys) {
      await until(() => question.test(shown.slice(from)), {
        what: `${String(question)} on the terminal`,
      });
      from = shown.length;
      child.stdin.write(keys);
    },
    ended: new Promise((resolve) => child.once('close', (code) => resolve(code))),
  };
}
