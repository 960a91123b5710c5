import { rmSync } from 'node:fs';
import path from 'node:path';
import { ensureCheckpointSchema } from '../../src/destination/checkpoint-schema';
import { folderWith, killWithTemporal, runCli, startCli } from '../commands/cli';
import { createDatabase, type TestDatabase } from '../support/database';
import { expectEqualMultisets } from '../support/multiset';
import { until } from '../support/poll';

/* What is kept at the destination is enough to go on: without the Temporal that a run was in, and in a copy of it. */

const ROWS = 6_000;

let source: TestDatabase;
let destination: TestDatabase;
beforeEach(async () => {
  [source, destination] = await Promise.all([createDatabase(), createDatabase()]);
  await source.query(
    `CREATE TABLE readings (at timestamptz NOT NULL, value int);
     INSERT INTO readings SELECT timestamptz '2026-01-01' + n * interval '1 minute', n FROM generate_series(1, ${ROWS}) n;
     ANALYZE`,
  );
});
afterEach(() => Promise.all([source.drop(), destination.drop()]));

/** Appends, so that a row that is copied twice is there twice. */
function configuration(target: TestDatabase): string {
  return JSON.stringify({
    name: 'plant',
    // Slowly, so that it is in the middle when it is looked at.
    ...{ source: { url: source.url, maxRowsPerSecond: 1_000 }, destination: { url: target.url } },
    parallelism: { tables: 1, intervals: 1 },
    tables: [{ name: 'readings', cursor: 'at', mode: 'append', batch: { rows: 100 } }],
  });
}

async function copied(target: TestDatabase): Promise<number> {
  const { rows } = await target.query(`SELECT to_regclass('readings') IS NOT NULL AS there`);
  if (rows[0]?.['there'] !== 't') return 0;
  return Number((await target.query('SELECT count(*) AS n FROM readings')).rows[0]?.['n']);
}

async function expectEqual(target: TestDatabase): Promise<void> {
  const [left, right] = await Promise.all([source.connect(), target.connect()]);
  try {
    const sql = 'SELECT * FROM readings';
    await expectEqualMultisets({ client: left, sql }, { client: right, sql });
  } finally {
    await Promise.all([left.end(), right.end()]);
  }
}

/** Kills a sync in the middle, its Temporal with it, whose state is then lost. */
async function loseInTheMiddle(folder: string): Promise<number> {
  const sync = startCli(['sync'], { folder });
  await until(async () => (await copied(destination)) > 300);
  const state = path.join(folder, '.tidemark');
  await killWithTemporal(sync, folder);
  rmSync(state, { recursive: true });
  return copied(destination);
}

it('a new, empty Temporal goes on where the lost one stopped', async () => {
  const folder = await folderWith({ 'tidemark.yaml': configuration(destination) });
  const before = await loseInTheMiddle(folder);
  expect(before).toBeLessThan(ROWS);
  const { code, stdout } = await runCli(['sync', '--json'], { folder });
  expect(code).toBe(0);
  const { tables } = JSON.parse(stdout) as { tables: { rows: number }[] };
  expect(tables[0]?.rows).toBeLessThanOrEqual(ROWS - before);
  await expectEqual(destination);
});

it('a copy of a destination goes on from its own checkpoints', async () => {
  const folder = await folderWith({ 'tidemark.yaml': configuration(destination) });
  const before = await loseInTheMiddle(folder);
  const copy = await createDatabase();
  try {
    const client = await copy.connect();
    await ensureCheckpointSchema(client);
    await client.end();
    await copy.query('CREATE TABLE readings (at timestamptz NOT NULL, value int)');
    for (const table of ['readings', 'tidemark.tables', 'tidemark.intervals']) {
      const { rows } = await destination.query(`SELECT json_agg(t)::text AS rows FROM ${table} t`);
      await copy.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [
        rows[0]?.['rows'],
      ]);
    }
    const elsewhere = await folderWith({ 'tidemark.yaml': configuration(copy) });
    expect((await runCli(['sync'], { folder: elsewhere })).code).toBe(0);
    await expectEqual(copy);
    expect(await copied(destination)).toBe(before);
  } finally {
    await copy.drop();
  }
});
