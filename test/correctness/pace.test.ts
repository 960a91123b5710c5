import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { startSync } from '../../src/temporal/start-sync';
import { until } from '../support/poll';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';
import { temporalAddress, uniqueName } from '../support/temporal';
import { startWorkerProcess } from '../support/worker-process';

/* How fast the source is read. Bounds are lower ones, by the destination's clock: a busy machine only takes longer. */

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterAll(() => harness.stop());

/** What a piece may hold beyond a second's rows, as the last of an interval. */
const LAST = 1.5;

async function table(name: string, rows: number): Promise<void> {
  await harness.source.query(
    `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL, note text DEFAULT 'n');
     CREATE INDEX ON ${name} (at);
     INSERT INTO ${name} SELECT i, '2026-01-01'::timestamptz + i * interval '1 second' FROM generate_series(1, ${rows}) i;
     ANALYZE ${name}`,
  );
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const now = async (): Promise<number> => {
    const { rows } = await harness.destination.query(`SELECT extract(epoch FROM clock_timestamp()) AS now`);
    return Number(rows[0]?.now);
  };
  const began = await now();
  const result = await work();
  return { seconds: (await now()) - began, result };
}

it('holds over two workers and all tables together', async () => {
  const [rows, maxRowsPerSecond] = [20_000, 8_000];
  const tables = ['paced_a', 'paced_b'];
  for (const name of tables) await table(name, rows);
  const folder = temporaryFolder();
  const [name, config] = [uniqueName('paced'), path.join(folder, 'tidemark.yaml')];
  writeFileSync(
    config,
    JSON.stringify({
      name,
      source: { url: harness.source.url, maxRowsPerSecond },
      destination: { url: harness.destination.url },
      // Enough of them that neither worker can take all.
      defaults: { cursor: 'at', batch: { rows: 500 } },
      tables,
    }),
  );
  const workers = await Promise.all(
    [1, 2].map((number) =>
      startWorkerProcess({
        config,
        address: temporalAddress(),
        taskQueue: name,
        trace: path.join(folder, `worker-${number}`),
      }),
    ),
  );
  try {
    await Promise.all(workers.map((worker) => worker.reaches('ready')));
    const { seconds, result } = await timed(async () =>
      (await startSync(harness.client, { sync: name }, name)).result(),
    );
    expect(result.tables.map((one) => [one.state, one.rows])).toEqual([
      ['completed', rows],
      ['completed', rows],
    ]);
    expect(seconds).toBeGreaterThan((rows * tables.length) / maxRowsPerSecond - LAST);
    for (const worker of workers)
      expect(worker.trace().filter(({ moment }) => moment === 'committed')).not.toHaveLength(0);
    for (const one of tables) await harness.expectEqual(one);
  } finally {
    await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
  }
});

it('holds for a comparison, which goes piece by piece and finds the same', async () => {
  const [rows, maxRowsPerSecond] = [10_000, 2_000];
  await table('compared', rows);
  const settings = {
    name: uniqueName('compared'),
    tables: [{ name: 'compared', cursor: 'at', deletes: 'mirror' }],
  };
  await (await harness.configure(settings)).copy();
  await harness.source.query(
    `UPDATE compared SET note = 'changed' WHERE id IN (5000, 5001); DELETE FROM compared WHERE id = 5002`,
  );
  const source = { url: harness.source.url, maxRowsPerSecond };
  const sync = await harness.configure({ ...settings, source });
  const { seconds, result } = await timed(() => sync.reconcile({ depth: 'full' }));
  expect(result).toMatchObject({
    sourceRows: rows - 1,
    destinationRows: rows,
    different: 2,
    extra: 1,
    gone: 1,
    compared: result.stretches,
    repaired: true,
  });
  expect(seconds).toBeGreaterThan(rows / maxRowsPerSecond - LAST);
  await harness.expectEqual('compared');
});

it('without one, nothing is entered', async () => {
  await table('unpaced', 100);
  const sync = await harness.configure({ tables: [{ name: 'unpaced', cursor: 'at' }] });
  await sync.copy();
  const entered = await harness.destination.query('SELECT FROM tidemark.paces WHERE sync = $1', [sync.name]);
  expect(entered.rows).toEqual([]);
});

it('a run that is cancelled while it waits for its turn ends', async () => {
  await table('patient', 100);
  const name = uniqueName('patient');
  const settings = { name, tables: [{ name: 'patient', cursor: 'at' }] };
  await (await harness.configure(settings)).copy();
  await table('later', 100);
  await harness.destination.query(`INSERT INTO tidemark.paces VALUES ($1, 3600, now())`, [name]);
  const source = { url: harness.source.url, maxRowsPerSecond: 1 };
  const run = await (
    await harness.configure({ ...settings, source, tables: [{ name: 'later', cursor: 'at' }] })
  ).start();
  // It has entered its rows, and waits. What it owes then may be less than before: an hour is paid off while it starts.
  await until(async () => {
    const { rows } = await harness.destination.query(
      'SELECT FROM tidemark.paces WHERE sync = $1 AND owed <> 3600',
      [name],
    );
    return rows.length === 1;
  });
  await run.cancel();
  await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  const copied = await harness.destination.query('SELECT FROM later');
  expect(copied.rows).toEqual([]);
});
