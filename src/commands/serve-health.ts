import { createServer, type ServerResponse } from 'node:http';
import { CommandError } from './command-error';
import { listen, type Listening } from './listen';
import { formatAddress, type ListenAddress } from './listen-address';

/**
 * Answers GET /healthz with 200 as long as the process lives, and GET /readyz with 200 or 503 and why not:
 * `{"ready": false, "reasons": ["draining"]}`. `reasons` is asked each time; none means ready.
 */
export async function serveHealth(
  address: ListenAddress,
  reasons: () => Promise<string[]>,
): Promise<Listening> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz') answer(response, 200, { alive: true });
    else if (path === '/readyz')
      void reasons().then((found) =>
        answer(response, found.length === 0 ? 200 : 503, { ready: found.length === 0, reasons: found }),
      );
    else answer(response, 404, { error: 'there are /healthz and /readyz' });
  });
  try {
    return await listen(server, address);
  } catch (error) {
    throw cannotListen('health', address, error as NodeJS.ErrnoException);
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

/** Why a worker cannot listen where `--health` or `--metrics` says. */
export function cannotListen(
  option: 'health' | 'metrics',
  address: ListenAddress,
  error: Error,
): CommandError {
  const taken = /EADDRINUSE|in use/.test(`${'code' in error ? String(error.code) : ''} ${error.message}`);
  return new CommandError(
    'configuration',
    `--${option}: ${formatAddress(address)} ${taken ? 'is taken by another process' : 'is no address that this machine can listen at'}`,
    'Give another address, or leave it out.',
  );
}
