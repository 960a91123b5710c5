import type { ClientBase } from 'pg';
import { Connection } from 'pg';

/** What pg's client and connection have, beyond their published types. */
interface ClientInternals {
  host: string;
  port: number;
  ssl: unknown;
  processID: number | null;
  secretKey: number | null;
}
interface ConnectionInternals {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
  stream: { destroy(): void };
}

/** How long the server gets to take the request. */
const WAIT_MS = 2_000;

/**
 * Asks the server to cancel what a client is running, by the protocol's CancelRequest: it needs no session, so it
 * works where all connections are taken. A request only: it may come too late, or be dropped (embedded servers).
 * Never rejects.
 */
export async function cancelQuery(client: ClientBase): Promise<void> {
  const { host, port, ssl, processID, secretKey } = client as unknown as ClientInternals;
  if (processID === null || secretKey === null) return;
  const events = new Connection({ ssl } as ConstructorParameters<typeof Connection>[0]);
  const connection = events as Connection & ConnectionInternals;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, WAIT_MS);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const send = () => connection.cancel(processID, secretKey);
    connection.on('connect', () => (ssl ? connection.requestSsl() : send()));
    connection.on('sslconnect', send);
    connection.on('error', done);
    connection.on('end', done);
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
  connection.stream.destroy();
}
