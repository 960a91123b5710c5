import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config';
import { ConfigError } from '../../src/config/config-error';
import { loadConfig } from '../../src/config/load';

/** No file or variable of the machine that runs the tests gets in. */
const inert = { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' };

/** Writes files into a new folder, loads tidemark.yaml there and removes the folder. */
export async function load(files: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<Config> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-config-'));
  try {
    for (const [name, contents] of Object.entries(files)) await writeFile(join(folder, name), contents);
    return await loadConfig(join(folder, 'tidemark.yaml'), { ...inert, ...env });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The problems found, as `where: message. remedy` without the folder. */
export async function problemsOf(
  files: Record<string, string>,
  env: NodeJS.ProcessEnv = {},
): Promise<string[]> {
  try {
    await load(files, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { where, message, remedy } of error.problems) {
      expect([where, message, remedy]).not.toContain('');
    }
    return error.message.split('\n').map((line) => line.replace(/\S*\/(?=tidemark\.yaml)/, ''));
  }
  throw new Error('expected problems');
}

export const local = 'postgresql://u:p@localhost/d';

/** A good file, but for the line given. */
export function yaml(tables: string, rest = ''): string {
  return `name: plant\nsource: { url: '${local}' }\ndestination: { url: 'postgresql://u:p@localhost/e' }\ntables:\n  - ${tables}\n${rest}`;
}
