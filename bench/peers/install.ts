import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../src/embedded/cache-folder';
import type { Job, Peer } from './peer';

const execute = promisify(execFile);
const INSTALL_MS = 10 * 60_000;

/** Installs a peer's packages, each environment into a folder that later runs find again; returns the folders. */
export async function install(peer: Peer, say: (line: string) => void): Promise<Job['installed']> {
  const installed: Job['installed'] = {};
  for (const [name, requirements] of Object.entries(peer.packages)) {
    const version = requirements[0]?.split('==')[1] ?? '';
    const folder = path.join(cacheFolder(), 'peers', `${name}-${version}`);
    const complete = path.join(folder, 'complete');
    if (!existsSync(complete)) {
      say(`${peer.name}: installing ${requirements.join(', ')} …`);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(path.dirname(folder), { recursive: true });
      await execute('python3', ['-m', 'venv', folder], { timeout: INSTALL_MS });
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements];
      await execute(path.join(folder, 'bin/python'), pip, { timeout: INSTALL_MS });
      writeFileSync(complete, '');
    }
    installed[name] = folder;
  }
  return installed;
}
