import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { isAlive } from '../../src/embedded/is-alive';
import { until } from '../support/poll';

const CLI = path.resolve(__dirname, '../../dist/cli.js');

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliProcess {
  child: ChildProcess;
  /** What it has written to stderr so far. */
  stderr: () => string;
  ended: Promise<CliResult>;
}

export interface CliOptions {
  folder: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts the built command line as a process of its own, in a folder. No setting of this machine's Temporal gets in. */
export function startCli(args: string[], { folder, env }: CliOptions): CliProcess {
  const { PATH, HOME, TIDEMARK_CACHE, TMPDIR } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { PATH, HOME, TMPDIR, TIDEMARK_CACHE, TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<CliResult>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, stderr: () => stderr, ended };
}

/** Runs the built command line to its end. */
export function runCli(args: string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).ended;
}

/** Kills a command that has started a Temporal of its own in the folder, and waits until both are gone. */
export async function killWithTemporal({ child, ended }: CliProcess, folder: string): Promise<void> {
  const record = await readFile(path.join(folder, '.tidemark/temporal.json'), 'utf8');
  const { pid } = JSON.parse(record) as { pid: number };
  child.kill('SIGKILL');
  await ended;
  await until(() => !isAlive(pid), { what: 'the end of its Temporal' });
}

/** A folder with these files in it, deleted when the tests end. */
export async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = temporaryFolder();
  for (const [name, contents] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), contents);
  }
  return folder;
}

/** What a person must never be shown. */
export function expectNoLeak({ stdout, stderr }: CliResult, secrets: string[] = []): void {
  const shown = stdout + stderr;
  expect(shown).not.toMatch(/^ {4}at /m);
  expect(shown).not.toMatch(/postgres(ql)?:\/\/\S+:\S+@/);
  for (const secret of secrets) expect(shown).not.toContain(secret);
}
