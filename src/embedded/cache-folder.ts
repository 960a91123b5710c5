import { homedir } from 'node:os';
import path from 'node:path';

/** Where downloaded programs are kept: TIDEMARK_CACHE, or `tidemark` in the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.TIDEMARK_CACHE) return path.resolve(env.TIDEMARK_CACHE);
  const caches = env.XDG_CACHE_HOME;
  // Set but empty counts as not set, by the XDG specification.
  return path.join(
    caches === undefined || caches === '' ? path.join(homedir(), '.cache') : caches,
    'tidemark',
  );
}
