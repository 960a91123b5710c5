import type { Servers } from './servers';

/** jest's globalTeardown. The guard deletes their folder when jest ends. */
export default async function stopServers(): Promise<void> {
  const { tidemarkServers } = globalThis as typeof globalThis & { tidemarkServers?: Servers };
  await Promise.all([tidemarkServers?.postgres.stop(), tidemarkServers?.temporal.stop()]);
}
