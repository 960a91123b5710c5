import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import path from 'node:path';
import { type Actions, answerAction } from './actions';
import { hostName } from './host-name';
import type { Snapshot } from './snapshot';

export interface PageOptions {
  /** By which the page may be asked for, besides localhost and addresses. */
  names: readonly string[];
  snapshot: () => Promise<Snapshot>;
  /** Where the page may act; it only shows otherwise. */
  actions?: Actions | undefined;
}

const FOLDER = path.join(__dirname, 'page');
const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  ...Object.fromEntries(
    ['page', 'actions', 'table', 'charts', 'elements', 'words'].map((name) => [
      `/${name}.mjs`,
      [`${name}.mjs`, 'text/javascript; charset=utf-8'] as const,
    ]),
  ),
};

const JSON_TYPE = 'application/json; charset=utf-8';

const headers = {
  // Nothing from elsewhere, nothing inline, in nobody's frame.
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const;

/**
 * The page and `/api/snapshot`. Read only: it answers GET and HEAD; with `actions` also `POST /api/actions`. The Host header must be an address,
 * localhost or a name that was given, so that no page from elsewhere reaches it by a name of its own that leads here
 * (DNS rebinding). Not listening yet.
 */
export async function createPage({ names, snapshot, actions }: PageOptions): Promise<Server> {
  const contents = new Map<string, Buffer>();
  for (const [url, [file]] of Object.entries(files))
    contents.set(url, await readFile(path.join(FOLDER, file)));

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const send = (status: number, type: string, body: string | Buffer): void => {
      response.writeHead(status, { ...headers, 'Content-Type': type });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const refuse = (status: number, why: string): void =>
      send(status, 'text/plain; charset=utf-8', `${why}\n`);
    if (!isKnown(request.headers.host, names)) {
      refuse(421, 'This page is not served under that name. Start tidemark ui with --allow-host NAME.');
      return;
    }
    const [url = ''] = (request.url ?? '').split('?');
    if (actions && url === '/api/actions' && request.method === 'POST') {
      const { status, result } = await answerAction(actions, request);
      // The rest of a request that was refused is not waited for.
      if (!request.complete) response.setHeader('Connection', 'close');
      send(status, JSON_TYPE, JSON.stringify(result));
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      refuse(405, 'This page only shows: it takes GET.');
      return;
    }
    if (url === '/api/snapshot') {
      send(200, JSON_TYPE, JSON.stringify(await snapshot()));
      return;
    }
    const found = contents.get(url);
    if (found) send(200, files[url]?.[1] ?? '', found);
    else refuse(404, 'There is no such page. Try /');
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      // Never what went wrong: it may hold what nobody must see.
      if (!response.headersSent) response.writeHead(500, headers);
      response.end();
    });
  });
  return server;
}

function isKnown(header: string | undefined, names: readonly string[]): boolean {
  const name = hostName(header);
  if (name === undefined) return false;
  return name === 'localhost' || isIP(name) !== 0 || names.some((known) => known.toLowerCase() === name);
}
