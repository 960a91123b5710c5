import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Ports below those that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): one of these may
 * be taken by any program's connection before the server that it is meant for has started.
 */
const LOWEST = 15_000;
const HIGHEST = 32_767;
const ATTEMPTS = 1_000;

/** `count` different TCP ports of 127.0.0.1 that nobody uses at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const taken = new Map<number, Server>();
  for (let attempt = 0; taken.size < count && attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    const server = await listen(port);
    if (server) taken.set(port, server);
  }
  await Promise.all([...taken.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  if (taken.size < count) throw new Error('No TCP port is free on 127.0.0.1.');
  return [...taken.keys()];
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

/** Undefined: the port is taken. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined)).listen(port, '127.0.0.1', () => resolve(server));
  });
}
