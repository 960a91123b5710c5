import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connectText } from '../support/database';
import { expectEqualMultisets } from '../support/multiset';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';
import { startTestTimescale, type TestTimescale } from '../support/timescale';

/*
 * What Tidemark was first made for: sensor readings and embeddings out of TimescaleDB, whose address stands in a
 * configuration.json, the newest reading of each sensor by key. The destination has no pgvector.
 */

let harness: SyncHarness;
let timescale: TestTimescale;
let sync: TestSync;

beforeAll(async () => {
  [harness, timescale] = await Promise.all([startSyncHarness(), startTestTimescale()]);
  const address = {
    HOST: timescale.host,
    PORT: String(timescale.port),
    DATABASE: timescale.database,
    USERNAME: timescale.user,
    PASSWORD: 'not asked for',
  };
  await writeFile(path.join(harness.folder, 'configuration.json'), JSON.stringify(address));
  await timescale.query(
    `CREATE TABLE sensor_data (time timestamptz NOT NULL, sensor_id int NOT NULL, temperature float8, humidity float8)`,
    `SELECT create_hypertable('sensor_data', 'time', chunk_time_interval => interval '1 day')`,
    `INSERT INTO sensor_data
       SELECT date_trunc('day', now()) - interval '5 days' + (i / 20) * interval '4 minutes 0.000001 seconds', i % 20,
              20 + sin(i), random()
       FROM generate_series(1, 20000) i`,
    `ALTER TABLE sensor_data SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor_id')`,
    `SELECT compress_chunk(c) FROM show_chunks('sensor_data', older_than => interval '3 days') c`,
    `CREATE TABLE sensor_embeddings (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, vector_data vector(384))`,
    `INSERT INTO sensor_embeddings
       SELECT i, now() - i * interval '1 minute', (SELECT array_agg(sin(i * j)::float4)::vector FROM generate_series(1, 384) j)
       FROM generate_series(1, 300) i`,
  );
  sync = await harness.configure({
    source: { configuration: './configuration.json', maxConnections: 1 },
    defaults: { batch: { rows: 3000 } },
    tables: [
      { name: 'sensor_data', cursor: 'time', key: ['sensor_id'] },
      { name: 'sensor_embeddings', cursor: 'created_at', key: ['id'], lookback: '1 minute' },
    ],
  });
});
afterAll(() => Promise.all([harness.stop(), timescale.stop()]));

/** Compares what the source holds now, by the rule that each table is copied by, with the destination. */
async function expectCopied(): Promise<void> {
  const source = await connectText({ connectionString: timescale.url });
  const destination = await harness.destination.connect();
  try {
    await expectEqualMultisets(
      {
        client: source,
        sql: `SELECT DISTINCT ON (sensor_id) * FROM sensor_data WHERE time < now() ORDER BY sensor_id, time DESC`,
      },
      { client: destination, sql: 'SELECT * FROM sensor_data' },
    );
    await expectEqualMultisets(
      { client: source, sql: 'SELECT id, created_at, vector_data::text::jsonb FROM sensor_embeddings' },
      { client: destination, sql: 'SELECT * FROM sensor_embeddings' },
    );
  } finally {
    await Promise.all([source.end(), destination.end()]);
  }
}

it('keeps the newest reading of each sensor, and every embedding', async () => {
  const [chunks] = await timescale.query(
    `SELECT count(*) FILTER (WHERE is_compressed) AS compressed, count(*) AS all FROM timescaledb_information.chunks`,
  );
  expect(Number(chunks?.compressed)).toBeGreaterThan(0);
  expect(Number(chunks?.all)).toBeGreaterThan(Number(chunks?.compressed));

  const summary = await sync.run();
  expect(summary).toMatchObject({ ok: true });
  expect(summary.tables.map(({ rows }) => rows)).toEqual([20_000, 300]);
  const { rows } = await harness.destination.query(
    `SELECT count(*) AS sensors, (SELECT jsonb_array_length(vector_data) FROM sensor_embeddings LIMIT 1) AS dimensions
     FROM sensor_data`,
  );
  expect(rows).toEqual([{ sensors: '20', dimensions: '384' }]);
  await expectCopied();
});

it('goes on with new rows: of each sensor, and changed embeddings', async () => {
  await timescale.query(
    `INSERT INTO sensor_data VALUES (now(), 3, 99.5, 1), (now() - interval '1 second', 3, 98.5, 1), (now(), 1000, 0, 0)`,
    `UPDATE sensor_embeddings SET created_at = now(), vector_data = (SELECT array_agg(1)::vector FROM generate_series(1, 384)) WHERE id = 7`,
    `INSERT INTO sensor_embeddings SELECT 301, now(), vector_data FROM sensor_embeddings WHERE id = 9`,
  );
  const summary = await sync.run();
  expect(summary).toMatchObject({ ok: true });
  expect(summary.tables[0]).toMatchObject({ rows: 3 });
  await expectCopied();
});
