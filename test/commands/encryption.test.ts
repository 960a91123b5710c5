import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findTemporalServer } from '../../src/embedded/find-temporal';
import { createDatabase, type TestDatabase } from '../support/database';
import { keyOf } from '../support/encryption';
import { until } from '../support/poll';
import { temporalAddress, uniqueName } from '../support/temporal';
import { type CliProcess, expectNoLeak, folderWith, runCli, startCli } from './cli';

const execute = promisify(execFile);
const key = keyOf('k1').toString('base64');
const env = { TIDEMARK_KEY: key };
const taskQueue = uniqueName('queue');
const name = uniqueName('sync');
let ends: { source: TestDatabase; destination: TestDatabase };
let folder: string;
const running: CliProcess[] = [];

function configuration(encryption: unknown): string {
  return JSON.stringify({
    name,
    settleDelay: '1 ms',
    source: { url: ends.source.url },
    destination: { url: ends.destination.url },
    tables: [{ name: 'readings', cursor: 'n' }],
    temporal: { address: temporalAddress(), taskQueue, ...(encryption ? { encryption } : {}) },
  });
}

/** Until it writes what it is to write. */
async function start(args: string[], ready: RegExp, where = folder): Promise<CliProcess> {
  const cli = startCli(args, { folder: where, env });
  running.push(cli);
  await until(() => ready.test(cli.stderr()), {
    what: `${args.join(' ')}: ${String(ready)}`,
  });
  return cli;
}

beforeAll(async () => {
  ends = { source: await createDatabase(), destination: await createDatabase() };
  await ends.source.query(
    'CREATE TABLE readings (n bigint PRIMARY KEY); INSERT INTO readings SELECT generate_series(1, 20)',
  );
  folder = await folderWith({
    'tidemark.yaml': configuration({ key: 'k1', keys: { k1: '${TIDEMARK_KEY}' } }),
    'by-file.yaml': configuration({ key: 'k1', keys: { k1: { file: 'k1.key' } } }),
    'k1.key': `${key}\n`,
    'lacking.yaml': configuration({ key: 'k2', keys: { k2: keyOf('k2').toString('base64') } }),
    'plain.yaml': configuration(undefined),
  });
  await start(['worker'], /worker ready/);
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all(running.map(({ ended }) => ended));
  await Promise.all([ends.source.drop(), ends.destination.drop()]);
});

it('every command of the configuration has its key: sync, status', async () => {
  const synced = await runCli(['sync', '-c', 'by-file.yaml', '--json'], { folder, env });
  expect(synced).toMatchObject({ code: 0 });
  expect(JSON.parse(synced.stdout)).toMatchObject({ ok: true, tables: [{ rows: 20 }] });
  const status = await runCli(['status', '--json'], { folder, env });
  expect(JSON.parse(status.stdout)).toMatchObject({ run: { state: 'completed' } });
  expectNoLeak(synced, [key]);
});

it("what ran before encryption was switched on, and has ended, is in nobody's way", async () => {
  const { source, destination } = ends;
  const own = (encryption: object) =>
    JSON.stringify({
      ...{ name: uniqueName('switched'), settleDelay: '1 ms' },
      ...{ source: { url: source.url }, destination: { url: destination.url } },
      tables: [{ name: 'readings', cursor: 'n', target: 'switched' }],
      temporal: { ...encryption },
    });
  const before = own({});
  const after = JSON.stringify({
    ...(JSON.parse(before) as object),
    temporal: { encryption: { key: 'k1', keys: { k1: '${TIDEMARK_KEY}' } } },
  });
  const where = await folderWith({ 'before.yaml': before, 'after.yaml': after });
  expect(await runCli(['sync', '-c', 'before.yaml'], { folder: where, env })).toMatchObject({ code: 0 });
  expect(await runCli(['sync', '-c', 'after.yaml'], { folder: where, env })).toMatchObject({ code: 0 });
});

it.each(['lacking.yaml', 'plain.yaml'])(
  'status with %s says which key is missing, and shows the rest',
  async (file) => {
    const status = await runCli(['status', '-c', file, '--json'], { folder, env });
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({
      run: { state: 'unknown', error: expect.stringMatching(/the key 'k1', which is not configured here/) },
      tables: [{ table: 'public.readings', rows: 20 }],
    });
  },
);

it("temporal's own command reads history through the codec server, which ends when it is told to", async () => {
  const server = await start(['codec-server', '--port', '0', '--json'], /Codec server at/);
  const url = /at (http:\S+) \(no web page may ask/.exec(server.stderr())?.[1] ?? '';
  const show = async (...args: string[]) => {
    const common = ['workflow', 'show', '--address', temporalAddress(), '--workflow-id', `tidemark:${name}`];
    const temporal = await findTemporalServer();
    const { stdout } = await execute(temporal, [...common, '--output', 'json', ...args]);
    const data = [...stdout.matchAll(/"data": "([^"]*)"/g)].map(([, base64 = '']) => base64);
    return data.map((base64) => Buffer.from(base64, 'base64').toString()).join('\n');
  };
  expect(await show()).not.toContain('"table"');
  expect(await show('--codec-endpoint', url)).toContain('"table":"public.readings"');
  server.child.kill('SIGTERM');
  const ended = await server.ended;
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toEqual({ ok: true, url, origins: [] });
  expectNoLeak(ended, [key]);
});

it.each<[string[], number, RegExp]>([
  [['-c', 'plain.yaml'], 3, /encrypts nothing/],
  [['--port', new URL(`http://${temporalAddress()}`).port], 4, /cannot listen on 127\.0\.0\.1, port \d+/],
  [['--origin', 'localhost:8233'], 2, /scheme, host and port/],
  [['--port', '70000'], 2, /from 0 to 65535/],
])('codec-server %s ends with %d', async (args, code, message) => {
  const result = await runCli(['codec-server', ...args], { folder, env });
  expect(result).toMatchObject({ code, stderr: expect.stringMatching(message) });
});

it('a worker of two configurations that encrypt differently on one task queue is refused', async () => {
  const other = await folderWith({
    'other.yaml': configuration(undefined).replace(name, `${name}-2`),
  });
  const args = ['worker', '-c', 'tidemark.yaml', '-c', path.join(other, 'other.yaml')];
  const result = await runCli(args, { folder, env });
  expect(result).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/share the task queue .* encrypt differently/),
  });
});

it('the embedded server stores it encrypted too, and its page asks the codec server, which lets it', async () => {
  const embedded = JSON.parse(configuration({ key: 'k1', keys: { k1: '${TIDEMARK_KEY}' } })) as {
    temporal: object;
  };
  embedded.temporal = { ...embedded.temporal, address: undefined, taskQueue: undefined };
  const own = await folderWith({ 'tidemark.yaml': JSON.stringify({ ...embedded, name: `${name}-3` }) });
  const worker = await start(['worker', '--json'], /worker ready/, own);
  expect(await runCli(['sync'], { folder: own, env })).toMatchObject({ code: 0 });
  const page = /"web":"([^"]+)"/.exec(worker.stderr())?.[1] ?? '';
  const settings: unknown = await (await fetch(`${page}/api/v1/settings`)).json();
  expect(settings).toMatchObject({ Codec: { Endpoint: 'http://127.0.0.1:8081' } });
  const server = await start(['codec-server', '--port', '0', '--json'], /Codec server at/, own);
  expect(server.stderr()).toContain(`for ${page})`);
  worker.child.kill('SIGTERM');
  await worker.ended;
  const stored = await readFile(path.join(own, '.tidemark/temporal.db'), 'latin1');
  expect(stored).toContain('binary/encrypted');
  expect(stored).not.toContain('"watermark"');
});
