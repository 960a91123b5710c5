import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startTemporal } from '../../src/embedded/temporal';
import { createDatabase } from '../support/database';
import { until } from '../support/poll';
import { startProxy, targetOf } from '../support/proxy';
import { type CliResult, expectNoLeak, folderWith, runCli, startCli } from './cli';

/**
 * A sync that finds another Tidemark's embedded Temporal, which ends with its process: while it is asked whether it is
 * there, as a client connects, asks for workers, brings one, begins the run, and follows it.
 */
const PARTS_SENT_BEFORE = [4, 9, 10, 12, 16, 24];

test('wherever another Tidemark ends, a sync goes on with a Temporal of its own', async () => {
  const source = await createDatabase();
  await source.query(`
    CREATE TABLE readings (at timestamptz PRIMARY KEY, value int);
    INSERT INTO readings SELECT timestamptz '2026-01-01' + n * interval '1 second', n FROM generate_series(1, 100) n`);
  try {
    const results = await Promise.all(
      PARTS_SENT_BEFORE.map((parts) => syncWhileOtherEnds(source.url, parts)),
    );
    const expected = PARTS_SENT_BEFORE.map((parts) => ({ parts, sent: parts, code: 0, rows: '100' }));
    expect(results).toEqual(expected);
  } finally {
    await source.drop();
  }
});

test('a worker goes on with a Temporal of its own, too', async () => {
  const [source, destination] = await Promise.all([createDatabase(), createDatabase()]);
  await source.query(`
    CREATE TABLE readings (at timestamptz PRIMARY KEY);
    INSERT INTO readings SELECT timestamptz '2026-01-01' + n * interval '1 second' FROM generate_series(1, 100) n`);
  const folder = await folderOf(source.url, destination.url);
  const other = await startTemporal({ folder: path.join(folder, '.tidemark') });
  const worker = startCli(['worker', '--json'], { folder });
  try {
    const ready = (): number => worker.stderr().split('"worker ready"').length - 1;
    await until(() => ready() === 1, { what: 'the worker' });
    await other.kill('SIGKILL');
    await until(() => ready() === 2, { what: 'the worker, once more' });
    expect(worker.stderr()).toMatch(/embedded Temporal server is gone.*running a server of its own/s);
    expect(await runCli(['sync', '--json'], { folder })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/"rows": 100,/) as string,
      stderr: expect.stringContaining('Another Tidemark is at work') as string,
    });
    worker.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
  } finally {
    worker.child.kill('SIGKILL');
    await worker.ended;
    await Promise.all([source.drop(), destination.drop()]);
  }
});

const folderOf = (source: string, destination: string): Promise<string> =>
  folderWith({
    'tidemark.yaml': JSON.stringify({
      name: 'plant',
      source: { url: source },
      destination: { url: destination },
      tables: [{ name: 'readings', cursor: 'at' }],
    }),
  });

async function syncWhileOtherEnds(sourceUrl: string, parts: number): Promise<object> {
  const destination = await createDatabase();
  try {
    const folder = await folderOf(sourceUrl, destination.url);
    const { result, sent } = await syncThrough(folder, parts);
    expectNoLeak(result);
    const { rows } = await destination.query('SELECT count(*) AS rows FROM readings');
    return { parts, sent: Math.min(sent, parts), code: result.code, rows: rows[0]?.['rows'] };
  } finally {
    await destination.drop();
  }
}

/** The other's server is reached by a proxy, and both are gone once so much has been sent to it. */
async function syncThrough(folder: string, parts: number): Promise<{ result: CliResult; sent: number }> {
  const other = await startTemporal({ folder: path.join(folder, '.tidemark') });
  let sent = 0;
  const proxy = await startProxy(targetOf(other.address), () => {
    if (++sent !== parts) return;
    void other.kill('SIGKILL');
    void proxy.close();
  });
  const record = { pid: other.pid, address: proxy.address };
  await writeFile(path.join(folder, '.tidemark/temporal.json'), JSON.stringify(record));
  return { result: await runCli(['sync', '--json'], { folder }), sent };
}
