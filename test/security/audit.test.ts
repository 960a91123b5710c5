import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { temporaryFolder } from '../../src/embedded/guarded-process';

/* npm itself asks a registry that answers as npm's does: by the bulk endpoint for advisories. */

const weakness = (id: string) => ({
  ...{ id: 1, url: `https://github.com/advisories/GHSA-${id}`, title: 'Lets anybody in' },
  ...{ severity: 'high', vulnerable_versions: '*', cwe: [], cvss: { score: 8, vectorString: null } },
});
const excepted = (id: string) => ({ advisory: `GHSA-${id}`, reason: 'not reached', until: '2999-01-01' });

let registry: Server;
let answer: object | undefined;
beforeAll(async () => {
  registry = createServer((request, response) => {
    request.resume();
    if (answer === undefined || request.method !== 'POST') response.writeHead(404).end('{}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => registry.close(resolve)));

async function audit(exceptions: object[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const folder = temporaryFolder();
  const file = path.join(folder, 'exceptions.json');
  writeFileSync(file, JSON.stringify(exceptions));
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  const child = spawn(process.execPath, [path.resolve(__dirname, '../../scripts/audit.mjs')], {
    env: {
      ...{ PATH: process.env['PATH'], HOME: folder, AUDIT_EXCEPTIONS: file },
      ...{ npm_config_registry: url, npm_config_cache: folder, npm_config_fetch_retries: '0', ...env },
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (said += data.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  return `${String(code)} ${said}`;
}

it('fails for what is known, and for exceptions that are none', async () => {
  answer = { ms: [weakness('new')], zod: [weakness('late')], yaml: [weakness('mute')] };
  const late = { ...excepted('late'), until: '2020-01-01' };
  const said = await audit([late, { ...excepted('mute'), reason: '' }, excepted('gone')]);
  expect(said).toMatch(/^1 ms: Lets anybody in \(high, .*GHSA-new\)\. Update it/);
  expect(said).toMatch(/GHSA-late: the exception held until 2020-01-01/);
  expect(said).toMatch(/GHSA-mute: the exception lacks a reason/);
  expect(said).toMatch(/GHSA-gone: nothing needs this exception/);
});

it('passes what is excepted with a reason', async () => {
  answer = { ms: [weakness('new')] };
  expect(await audit([excepted('new')])).toMatch(/^0 No known weakness but 1 with a reason/);
});

it('says so where the registry does not answer, and fails where it has to', async () => {
  answer = undefined;
  expect(await audit([])).toMatch(/^0 Audit skipped: .*HTTP 404/);
  expect(await audit([], { CI_AUDIT: 'required' })).toMatch(/^1 Audit failed/);
});
