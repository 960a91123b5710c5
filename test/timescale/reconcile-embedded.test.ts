import { startSyncHarness, type SyncHarness } from '../support/sync-harness';
import { startTestTimescale, type TestTimescale } from '../support/timescale';

/* What one session of embedded TimescaleDB shows: it counts no changes, so that everything is compared. */

let timescale: TestTimescale;
let harness: SyncHarness;
beforeAll(async () => {
  [timescale, harness] = await Promise.all([startTestTimescale(), startSyncHarness()]);
});
afterAll(async () => {
  await harness.stop();
  await timescale.stop();
});

test('late rows, compressed chunks, and retention', async () => {
  await timescale.query(
    'CREATE TABLE readings (at timestamptz NOT NULL, sensor int NOT NULL, v float8, PRIMARY KEY (sensor, at))',
    `SELECT create_hypertable('readings', 'at', chunk_time_interval => interval '1 day')`,
    `INSERT INTO readings SELECT '2026-01-01 00:00:00+00'::timestamptz + n * interval '10 minutes', n % 3, n FROM generate_series(0, 1439) n`,
    `ALTER TABLE readings SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor')`,
    `SELECT compress_chunk(c) FROM show_chunks('readings', older_than => '2026-01-06'::timestamptz) c`,
  );
  const sync = await harness.configure({
    source: { url: timescale.url, maxConnections: 1 },
    tables: [{ name: 'readings', deletes: 'mirror' }],
  });
  await sync.copy();
  const first = await sync.reconcile();
  expect(first).toMatchObject({ stretches: 10, skipped: 0, differing: 0, sourceRows: 1_440 });
  expect(first.warnings.join()).toMatch(
    /everything was compared, since nothing tells what has changed: this server keeps no statistics/,
  );
  await timescale.query(
    `INSERT INTO readings VALUES ('2026-01-02 00:00:01+00', 9, 9)`,
    `UPDATE readings SET v = -1 WHERE at = '2026-01-03 10:00:00+00'`,
    `DELETE FROM readings WHERE sensor = 2 AND at >= '2026-01-05' AND at < '2026-01-06'`,
  );
  expect(await sync.reconcile()).toMatchObject({
    skipped: 0,
    missing: 1,
    different: 1,
    extra: 48,
    stillDiffering: 0,
  });
  await timescale.query(
    `SELECT drop_chunks('readings', older_than => '2026-01-04'::timestamptz)`,
    `INSERT INTO readings VALUES ('2026-01-02 00:00:02+00', 9, 9)`,
  );
  expect(await sync.reconcile()).toMatchObject({
    dropped: 3,
    missing: 1,
    extra: 0,
    kept: 145,
    stillDiffering: 0,
  });
  const { rows } = await harness.destination.query('SELECT count(*) FROM readings');
  expect(rows).toEqual([{ count: '1394' }]);
});
