import { homedir } from 'node:os';
import path from 'node:path';

/** Where downloaded programs are kept: TIDEMARK_CACHE, or `tidemark` in the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.TIDEMARK_CACHE) return path.resolve(env.TIDEMARK_CACHE);
  return path.join(env.XDG_CACHE_HOME ? env.XDG_CACHE_HOME : path.join(homedir(), '.cache'), 'tidemark');
}
