import path from 'node:path';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { startPostgres } from '../../src/embedded/postgres';
import { startTemporal } from '../../src/embedded/temporal';
import { NATIVE_TIMESCALE, publishAddresses } from './servers';

/** jest's globalSetup. The servers run under the guard: they end with jest, however it ends, Ctrl-C included. */
export default async function startServers(): Promise<void> {
  const folder = temporaryFolder();
  const [postgres, temporal] = await Promise.all([
    startPostgres({
      folder: path.join(folder, 'postgres'),
      durable: false,
      // All tests' statements stay: beyond the maximum those that ran seldom are dropped (PostgreSQL: pg_stat_statements).
      settings: { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.max': '100000' },
    }),
    startTemporal({
      folder: path.join(folder, 'temporal'),
      // Instead of 4,096: runs of some dozen batches or tables already continue as new.
      settings: { 'limit.historyCount.suggestContinueAsNew': '200' },
      log: (line) => process.stderr.write(`${line}\n`),
    }),
  ]);
  publishAddresses(postgres, temporal);
  if (process.env[NATIVE_TIMESCALE] === undefined)
    process.stderr.write(
      `\nTests that need a native TimescaleDB are skipped: ${NATIVE_TIMESCALE} names none.\n`,
    );
}
