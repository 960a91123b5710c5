import path from 'node:path';
import Cursor from 'pg-cursor';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { startTimescale } from '../../src/embedded/timescale';
import { connectText } from '../support/database';
import { startTestTimescale, type TestTimescale } from '../support/timescale';

const ROWS = 100_000;
const FILL = [
  'CREATE TABLE readings (time timestamptz NOT NULL, sensor int NOT NULL, value float8)',
  `SELECT create_hypertable('readings', 'time', chunk_time_interval => interval '6 hours')`,
  `INSERT INTO readings SELECT '2025-01-01'::timestamptz + i * interval '1 second', i % 10, i
   FROM generate_series(1, ${ROWS}) i`,
  `ALTER TABLE readings SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor')`,
  `SELECT compress_chunk(c) FROM show_chunks('readings') c LIMIT 2`,
];
const COMPRESSED = 'SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed';

let source: TestTimescale;
beforeAll(async () => {
  source = await startTestTimescale();
  await source.query(...FILL);
});
afterAll(() => source.stop());

test('hypertables, compression and vectors work', async () => {
  expect(await source.query(COMPRESSED)).toEqual([{ count: '2' }]);
  expect(await source.query('SELECT count(*) FROM readings')).toEqual([{ count: String(ROWS) }]);
  expect(await source.query(`SELECT '[1,2,3]'::vector <-> '[1,2,5]' AS distance`)).toEqual([
    { distance: '2' },
  ]);
});

test('a big result arrives whole through a database cursor', async () => {
  const client = await connectText({ connectionString: source.url });
  const cursor = client.query(new Cursor('SELECT * FROM readings'));
  let rows = 0;
  for (let batch = await cursor.read(7_000); batch.length > 0; batch = await cursor.read(7_000))
    rows += batch.length;
  await cursor.close();
  await client.end();
  expect(rows).toBe(ROWS);
});

test('a statement longer than a TCP segment arrives whole', async () => {
  const client = await connectText({ connectionString: source.url });
  const { rows } = await client.query('SELECT length($1::text)', ['x'.repeat(3_000_000)]);
  await client.end();
  expect(rows).toEqual([{ length: '3000000' }]);
});

test('a second connection waits for its turn', async () => {
  const first = await connectText({ connectionString: source.url });
  let connected = false;
  const second = connectText({ connectionString: source.url }).then((client) => {
    connected = true;
    return client;
  });
  for (let i = 0; i < 20; i++) await first.query('SELECT 1');
  expect(connected).toBe(false);
  await first.end();
  const client = await second;
  await client.end();
});

test('what a client that vanished left behind is rolled back and discarded', async () => {
  const client = await connectText({ connectionString: source.url });
  await client.query(`SET TimeZone = 'Asia/Tokyo'`);
  await client.query('PREPARE p AS SELECT 1');
  await client.query('CREATE TEMP TABLE mine ()');
  await client.query('BEGIN');
  await client.query('DELETE FROM readings');
  // In an error, all messages up to the next Sync are ignored.
  await expect(client.query('SELECT 1 / $1::int', [0])).rejects.toThrow('division by zero');
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  const [left] = await source.query(
    `SELECT (SELECT count(*) FROM readings) AS rows, current_setting('TimeZone') AS zone,
       (SELECT count(*) FROM pg_prepared_statements) AS prepared, to_regclass('mine') AS mine`,
  );
  expect(left).toEqual({ rows: String(ROWS), zone: 'GMT', prepared: '0', mine: null });
});

test('a request for encryption is declined, not misread', async () => {
  await expect(connectText({ connectionString: source.url, ssl: true })).rejects.toThrow(
    'does not support SSL',
  );
});

test('a folder is whole when it is opened again, also after a kill', async () => {
  const folder = path.join(temporaryFolder(), 'timescale');
  const query = async (url: string, statements: string[]) => {
    const client = await connectText({ connectionString: url });
    let rows: unknown[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    await client.end();
    return rows;
  };
  for (const statements of [FILL, [], []]) {
    const server = await startTimescale({ folder });
    await query(server.url, statements);
    expect(await query(server.url, ['SELECT count(*) FROM readings'])).toEqual([{ count: String(ROWS) }]);
    expect(await query(server.url, [COMPRESSED])).toEqual([{ count: '2' }]);
    await server.kill('SIGKILL');
  }
});
