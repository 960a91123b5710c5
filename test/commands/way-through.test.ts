import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { serverAddresses } from '../support/servers';
import { createDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/poll';
import { type CliProcess, expectNoLeak, folderWith, killWithTemporal, runCli, startCli } from './cli';

/** The whole way with nothing but the command line: its own Temporal server and worker. */
let source: TestDatabase;
let destination: TestDatabase;
let folder: string;
const running: CliProcess[] = [];
beforeAll(async () => {
  [source, destination] = await Promise.all([createDatabase(), createDatabase()]);
  await source.query(`
    CREATE TABLE readings (at timestamptz NOT NULL, sensor int, value float8, PRIMARY KEY (sensor, at));
    CREATE INDEX ON readings (at);
    INSERT INTO readings SELECT timestamptz '2026-01-01' + n * interval '1 second', n % 7, n FROM generate_series(1, 30000) n;
    CREATE TABLE notes (id int PRIMARY KEY, text text);
    ANALYZE`);
  const { host, port, user, password } = serverAddresses().postgres;
  const credentials = {
    HOST: host,
    PORT: String(port),
    DATABASE: source.endpoint.database,
    USERNAME: user,
    PASSWORD: password,
  };
  folder = await folderWith({ 'configuration.json': JSON.stringify(credentials) });
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await Promise.all([source.drop(), destination.drop()]);
});

const env = () => ({ DESTINATION_URL: destination.url });
const run = async (...args: string[]) => {
  const result = await runCli(args, { folder, env: env() });
  expectNoLeak(result, [serverAddresses().postgres.password]);
  return result;
};
const start = (...args: string[]): CliProcess => {
  const cli = startCli(args, { folder, env: env() });
  running.push(cli);
  return cli;
};
const rows = async (): Promise<number> =>
  Number((await destination.query('SELECT count(*) FROM readings')).rows[0]?.['count']);
const json = (text: string): Record<string, never> => JSON.parse(text) as Record<string, never>;

it('init → check → sync → status → resync → sync', async () => {
  expect(await run('init', '--from', 'configuration.json')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("2 of the source's 2 tables") as string,
  });
  const written = await readFile(path.join(folder, 'tidemark.yaml'), 'utf8');
  expect(written).toContain('{ name: public.readings, cursor: at, key: [sensor, at] }');
  expect(written).not.toContain(serverAddresses().postgres.password);

  const check = await run('check', '--json');
  expect(json(check.stdout)).toMatchObject({ ok: true });

  const first = await run('sync', '--table', 'readings', '--json');
  expect(first.code).toBe(0);
  expect(first.stderr).toMatch(/No Temporal is configured: running a server of its own/);
  expect(json(first.stdout)).toMatchObject({
    ok: true,
    tables: [{ table: 'public.readings', state: 'completed', rows: 30000 }],
  });
  expect(await rows()).toBe(30000);

  const status = await run('status', '--json');
  expect(json(status.stdout)).toMatchObject({
    run: { state: 'completed' },
    tables: [
      { table: 'public.notes', watermark: null },
      { table: 'public.readings', rows: 30000, lag: { ms: 0 }, intervals: 0 },
    ],
  });

  await destination.query('DELETE FROM readings');
  const range = ['--from', '2026-01-01 00:00:01', '--to', '2026-01-01T01:00:00+01'];
  expect(await run('resync', '--table', 'readings', ...range)).toMatchObject({ code: 2 });
  const forgotten = await run(
    'resync',
    '--table',
    'readings',
    '--from',
    '2026-01-01 01:00',
    '--to',
    '2026-01-01T03:00:00+01',
    '--json',
  );
  expect(json(forgotten.stdout)).toMatchObject({
    forgotten: 'range',
    from: '2026-01-01 01:00:00+00',
    to: '2026-01-01 02:00:00+00',
  });
  const second = await run('sync', '--table', 'readings');
  expect(second).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/public\.readings.*completed.* 3,600 /) as string,
  });
  expect(await rows()).toBe(3600);

  expect(await run('resync', '--table', 'readings')).toMatchObject({ code: 0 });
  expect(await run('sync', '--table', 'readings')).toMatchObject({ code: 0 });
  expect(await rows()).toBe(30000);
});

it('goes on after Ctrl-C, and after SIGKILL, and a second sync follows the first', async () => {
  expect(await run('resync', '--table', 'readings')).toMatchObject({ code: 0 });
  const blocker = await destination.connect();
  await blocker.query('BEGIN; LOCK TABLE readings IN ACCESS EXCLUSIVE MODE');
  const first = start('sync', '--table', 'readings');
  await until(() => first.stderr().includes('public.readings: '), {
    what: 'the run to begin',
  });
  first.child.kill('SIGINT');
  expect(await first.ended).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('The next tidemark sync goes on from here') as string,
  });

  const second = start('sync');
  await until(() => second.stderr().includes('Going on with the run'));
  await killWithTemporal(second, folder);

  const third = start('sync', '--json');
  await until(() => third.stderr().includes('Going on with the run'));
  const fourth = start('sync', '--table', 'notes', '--json');
  await until(() => fourth.stderr().includes('Another Tidemark is at work'));
  await blocker.query('ROLLBACK');
  await blocker.end();
  // The run that is under way is of the table that the first one named; what others ask for comes after it.
  for (const { ended } of [third, fourth]) {
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { tables } = JSON.parse(stdout) as { tables: { table: string; state: string }[] };
    expect(tables).toContainEqual(expect.objectContaining({ table: 'public.notes', state: 'completed' }));
  }
  expect(await rows()).toBe(30000);
});

it('a worker drains at SIGTERM, and serves a sync meanwhile', async () => {
  const worker = start('worker', '--json');
  await until(() => worker.stderr().includes('worker ready'));
  expect(await run('sync', '--table', 'readings')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Another Tidemark is at work') as string,
  });
  expect(json((await run('status', '--json')).stdout)).toMatchObject({
    run: { state: 'completed', error: null },
  });
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('drained') as string });
});
