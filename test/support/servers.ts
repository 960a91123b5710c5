import type { PostgresServer } from '../../src/embedded/postgres';
import type { TemporalServer } from '../../src/embedded/temporal';

/** What the servers of a test run tell the processes that run its test files. */
export interface ServerAddresses {
  postgres: Pick<PostgresServer, 'host' | 'port' | 'user' | 'password'>;
  temporal: { address: string };
}

const VARIABLE = 'TIDEMARK_TEST_SERVERS';

/** Holds the URL of a native TimescaleDB, where there is one: see native-timescale.ts. */
export const NATIVE_TIMESCALE = 'TIDEMARK_TEST_TIMESCALEDB_URL';

export function publishAddresses(postgres: PostgresServer, temporal: TemporalServer): void {
  const { host, port, user, password } = postgres;
  const addresses: ServerAddresses = {
    postgres: { host, port, user, password },
    temporal: { address: temporal.address },
  };
  process.env[VARIABLE] = JSON.stringify(addresses);
}

/** The servers that globalSetup started. */
export function serverAddresses(): ServerAddresses {
  const value = process.env[VARIABLE];
  if (value === undefined) throw new Error('The servers of the tests are started by jest: run "npm test".');
  return JSON.parse(value) as ServerAddresses;
}
