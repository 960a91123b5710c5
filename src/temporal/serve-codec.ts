import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import type { Encryption } from '../config/config';
import { EncryptionCodec } from './encryption-codec';
import { PayloadRefused } from './payload-refused';

export interface CodecServerOptions {
  encryption: Encryption;
  /** Where a request does not name one in X-Namespace. */
  namespace: string;
  /** Web pages that may ask, such as `http://localhost:8233`. */
  origins: ReadonlySet<string>;
}

/** Larger than any page of a history that Temporal's web page sends at once. */
const LARGEST_BODY = 32 * 1024 * 1024;

const bodySchema = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), z.base64()).default({}), data: z.base64().default('') }))
    .default([]),
});

/**
 * Temporal's remote codec protocol, for its web page and command: `POST /decode` and `POST /encode` take and give
 * `{"payloads": [{"metadata": {name: base64}, "data": base64}]}`, of the namespace that `X-Namespace` names. Payloads
 * that are not encrypted are decoded to themselves: this shows what is stored. Answers 400 with `{"message"}` where a
 * payload cannot be opened, 403 to web pages not listed, and never with anything of a request that failed. Not
 * listening yet.
 */
export function createCodecServer(options: CodecServerOptions): Server {
  return createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      const refused = error instanceof Refused ? error : new Refused(500, 'an unexpected error occurred');
      send(response, refused.status, { message: refused.message });
    });
  });
}

class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function answer(
  options: CodecServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  allowOrigin(options.origins, request, response);
  const action = /^\/(encode|decode)$/.exec(new URL(request.url ?? '/', 'http://localhost').pathname)?.[1];
  if (action !== 'encode' && action !== 'decode') throw new Refused(404, 'there are /decode and /encode');
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end();
    return;
  }
  if (request.method !== 'POST') throw new Refused(405, 'ask with POST');
  const payloads = parse(await readBody(request));
  const asked = request.headers['x-namespace'];
  const namespace = typeof asked === 'string' && asked !== '' ? asked : options.namespace;
  const codec = new EncryptionCodec(namespace, { ...options.encryption, acceptPlaintext: true });
  try {
    send(response, 200, { payloads: (await codec[action](payloads)).map(toJson) });
  } catch (error) {
    if (!(error instanceof PayloadRefused)) throw error;
    throw new Refused(400, error.message);
  }
}

/** A page that is not listed gets nothing, also one that reaches this machine under a name of its own. */
function allowOrigin(
  origins: ReadonlySet<string>,
  { headers }: IncomingMessage,
  response: ServerResponse,
): void {
  response.setHeader('Vary', 'Origin');
  const { origin } = headers;
  if (origin === undefined) return;
  if (!origins.has(origin))
    throw new Refused(403, 'this web page may not ask here; --origin lists those that may');
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Methods', 'POST');
  response.setHeader('Access-Control-Allow-Headers', 'content-type, x-namespace, authorization');
  // Browsers ask so before a public page may reach a private address.
  response.setHeader('Access-Control-Allow-Private-Network', 'true');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_BODY) throw new Refused(413, 'the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(body: string): Payload[] {
  try {
    const { payloads } = bodySchema.parse(JSON.parse(body));
    return payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(
        Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
      ),
      data: Buffer.from(data, 'base64'),
    }));
  } catch {
    throw new Refused(400, 'the body must be {"payloads": [{"metadata": {name: base64}, "data": base64}]}');
  }
}

function toJson({ metadata, data }: Payload) {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]),
    ),
    data: base64(data ?? new Uint8Array()),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function send(response: ServerResponse, status: number, body: object): void {
  // The rest of a request that was refused is not waited for.
  if (status >= 400) response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}
