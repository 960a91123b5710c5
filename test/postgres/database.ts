import type { Endpoint } from '../../src/postgres/endpoint';
import { createDatabase as create } from '../support/database';

/** A fresh database, and the endpoint by which our own code connects to it. */
export async function createDatabase() {
  const database = await create();
  const endpoint: Endpoint = {
    host: database.host,
    port: database.port,
    database: database.name,
    username: database.user,
    password: database.password,
    tls: false,
    maxConnections: 4,
    connectTimeoutMs: 2_000,
    queryTimeoutMs: 20_000,
  };
  return { ...database, endpoint };
}
