import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { EncryptionCodec } from '../../src/temporal/encryption-codec';
import { createCodecServer } from '../../src/temporal/serve-codec';
import { encryptionWith } from '../support/encryption';

const PAGE = 'http://localhost:8233';
const plain = defaultPayloadConverter.toPayload('canary');
let server: Server;
let url: string;

beforeAll(async () => {
  server = createCodecServer({
    encryption: encryptionWith('k1'),
    namespace: 'plants',
    origins: new Set([PAGE]),
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function ask(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

/** As protobuf's JSON writes payloads. */
function written(...payloads: Payload[]) {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(
        Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]),
      ),
      data: base64(data ?? new Uint8Array()),
    })),
  };
}

async function sealed(namespace = 'plants'): Promise<Payload> {
  const context = { type: 'workflow', namespace, workflowId: 'tidemark:north' } as const;
  const [payload] = await new EncryptionCodec(namespace, encryptionWith('k1')).encode([plain], context);
  if (!payload) throw new Error('nothing was encoded');
  return payload;
}

it("decodes a worker's payloads, and shows those that are not encrypted as they are", async () => {
  const answer = await ask('/decode', written(await sealed(), plain));
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(written(plain, plain));
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

it('decodes in the namespace that the request names', async () => {
  const body = written(await sealed('others'));
  expect((await ask('/decode', body, { 'X-Namespace': 'others' })).status).toBe(200);
  const refused = await ask('/decode', body);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toEqual({ message: expect.stringMatching(/does not open .* plants/) });
});

it('encodes for a worker of its namespace', async () => {
  const answer = await ask('/encode', written(plain), { 'X-Namespace': 'others' });
  const body = (await answer.json()) as { payloads: [{ metadata: Record<string, string>; data: string }] };
  expect(JSON.stringify(body)).not.toContain(Buffer.from('"canary"').toString('base64'));
  const [{ metadata, data }] = body.payloads;
  const payload = {
    metadata: Object.fromEntries(Object.entries(metadata).map(([k, v]) => [k, Buffer.from(v, 'base64')])),
    data: Buffer.from(data, 'base64'),
  };
  const worker = new EncryptionCodec('others', encryptionWith('k1'));
  expect(await worker.decode([payload])).toEqual([expect.objectContaining(plain)]);
});

it('lets the page that is listed ask, and no other', async () => {
  const preflight = await fetch(`${url}/decode`, { method: 'OPTIONS', headers: { Origin: PAGE } });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe(PAGE);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('x-namespace');
  const body = written(await sealed());
  expect((await ask('/decode', body, { Origin: PAGE })).headers.get('access-control-allow-origin')).toBe(
    PAGE,
  );
  for (const origin of ['http://evil.example', 'http://localhost:82330', 'null', url]) {
    const refused = await ask('/decode', body, { Origin: origin });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    expect(await refused.text()).not.toContain(written(plain).payloads[0]?.data ?? '');
  }
});

it.each<[string, string, unknown, number]>([
  ['what is not JSON', '/decode', '{"payloads": [hunter2', 400],
  ['what is not base64', '/decode', { payloads: [{ data: 'hunter2!' }] }, 400],
  ['another path', '/hunter2', {}, 404],
  ['a body beyond all measure', '/decode', 'hunter2 '.repeat(5_000_000), 413],
])('refuses %s, and repeats nothing of it', async (_, path, body, status) => {
  const answer = await ask(path, body);
  expect(answer.status).toBe(status);
  expect(await answer.text()).not.toContain('hunter2');
});

it('refuses to be asked by GET', async () => {
  expect((await fetch(`${url}/decode`)).status).toBe(405);
});
