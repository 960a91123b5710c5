import { createServer, type AddressInfo, connect, type Socket } from 'node:net';

/** One connection that goes through the proxy. */
export interface Link {
  /** Ends it on both sides, at once. */
  cut(): void;
  /** Nothing passes any more, and neither side is told: a half-open connection. */
  freeze(): void;
  /** What was held up by freeze() arrives after all. */
  thaw(): void;
  /** What was sent so far still reaches the server; its next answer is dropped, and the client's side cut. */
  loseAnswer(): void;
}

export interface Proxy {
  host: string;
  port: number;
  address: string;
  /** Of connections so far. */
  links: Link[];
  /** How long everything takes to pass, in each direction. */
  delayMs: number;
  /** Cuts every connection. New ones pass. */
  cutAll(): void;
  close(): Promise<void>;
}

/** Of `host:port`, as a Temporal server's address is written. */
export function targetOf(address: string): { host: string; port: number } {
  const [host = '', port] = address.split(':');
  return { host, port: Number(port) };
}

/**
 * A TCP proxy on 127.0.0.1 that can fail as networks do. `onRequest` sees what a client sends before it is passed on,
 * and may act on its connection.
 */
export async function startProxy(
  target: { host: string; port: number },
  onRequest: (data: Buffer, link: Link) => void = () => undefined,
): Promise<Proxy> {
  const links: Link[] = [];
  const server = createServer((client) => {
    links.push(join(client, connect(target.port, target.host), onRequest, () => proxy.delayMs));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const cutAll = (): void => links.forEach((link) => link.cut());
  const proxy: Proxy = {
    host: '127.0.0.1',
    port,
    address: `127.0.0.1:${port}`,
    links,
    delayMs: 0,
    cutAll,
    async close() {
      cutAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function join(
  client: Socket,
  upstream: Socket,
  onRequest: (data: Buffer, link: Link) => void,
  delayMs: () => number,
): Link {
  let state: 'open' | 'frozen' | 'losing' = 'open';
  const link: Link = {
    cut() {
      client.destroy();
      upstream.destroy();
    },
    freeze() {
      state = 'frozen';
      client.pause();
      upstream.pause();
    },
    thaw() {
      state = 'open';
      client.resume();
      upstream.resume();
    },
    loseAnswer: () => void (state = 'losing'),
  };
  const [toUpstream, toClient] = [later(upstream, delayMs), later(client, delayMs)];
  client.on('data', (data) => {
    if (state === 'open') onRequest(data, link);
    toUpstream(data);
  });
  upstream.on('data', (data) => {
    if (state === 'losing') link.cut();
    else toClient(data);
  });
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => undefined);
    one.on('close', () => {
      if (state !== 'frozen') other.destroy();
    });
  }
  return link;
}

/** Passes data on in its order, each part no sooner than it may. */
function later(to: Socket, delayMs: () => number): (data: Buffer) => void {
  let due = 0;
  return (data) => {
    const now = Date.now();
    if (delayMs() === 0 && due <= now) return void to.write(data);
    due = Math.max(due, now + delayMs());
    setTimeout(() => to.destroyed || to.write(data), due - now);
  };
}
