import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from './listen-address';

export interface Listening {
  /** Where it listens: the address itself where a name was asked for, and the port that was free where 0 was. */
  address: ListenAddress;
  /** Breaks off what is being answered. */
  stop: () => void;
}

/** Has a server listen. Rejects with the system's error where it cannot. */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<Listening> {
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo;
  return {
    address: { host: bound.address, port: bound.port },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
