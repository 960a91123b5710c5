import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { serverAddresses } from './servers';

/** host:port of the test run's Temporal server. */
export function temporalAddress(): string {
  return serverAddresses().temporal.address;
}

/** A task queue (or workflow id) that no other test uses. */
export function uniqueName(prefix = 'test'): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

/** The caller closes `client.connection`. */
export async function connectTemporal(address = temporalAddress()): Promise<Client> {
  return new Client({ connection: await Connection.connect({ address }) });
}
