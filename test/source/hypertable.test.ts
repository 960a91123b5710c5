import type { Pool } from 'pg';
import { startTimescale, type TimescaleServer } from '../../src/embedded/timescale';
import { chunksOf } from '../../src/activities/chunks-of';
import { type Stretch, toStretches } from '../../src/plan/chunk-stretches';
import { type CursorKind, parseCursorValue } from '../../src/plan/cursor-value';
import { createPool, SOURCE_APPLICATION } from '../../src/postgres/pool';
import { withClient } from '../../src/postgres/with-client';
import { batchCopy } from '../../src/source/batch-query';
import { copyOut } from '../../src/source/copy-out';
import { countOddRows } from '../../src/source/count-odd-rows';
import { describeTable, describeTables } from '../../src/source/describe-tables';
import { findBatchEnd } from '../../src/source/find-batch-end';
import { listTables } from '../../src/source/list-tables';
import { readChunks } from '../../src/source/read-chunks';
import { readHypertableLayout } from '../../src/source/read-hypertable-layout';
import { readHorizon } from '../../src/source/read-horizon';
import { readSpan } from '../../src/source/read-span';
import { inReadTransaction } from '../../src/source/read-transaction';

let server: TimescaleServer;
let pool: Pool;

beforeAll(async () => {
  server = await startTimescale();
  const endpoint = {
    host: server.host,
    port: server.port,
    database: server.database,
    username: server.user,
    password: 'unused',
    tls: false as const,
    maxConnections: 1,
    connectTimeoutMs: 10_000,
    queryTimeoutMs: 30_000,
  };
  const owner = createPool(endpoint, {
    applicationName: 'owner',
    readOnly: false,
    idleInTransactionTimeoutMs: 60_000,
  });
  await withClient(owner, undefined, async (client) => {
    await client.query(`SET search_path = public, pg_catalog`);
    for (const statement of [
      `CREATE TABLE readings (at timestamptz NOT NULL, sensor int NOT NULL, v float8, PRIMARY KEY (sensor, at))`,
      `SELECT create_hypertable('readings', 'at', chunk_time_interval => interval '1 day')`,
      `INSERT INTO readings SELECT '2025-01-01 00:00:00+00'::timestamptz + n * interval '10 minutes', n % 3, n FROM generate_series(0, 719) n`,
      `ALTER TABLE readings SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor')`,
      `SELECT compress_chunk(c) FROM show_chunks('readings', older_than => '2025-01-03'::timestamptz) c`,
      `CREATE TABLE spaced (at timestamp NOT NULL, sensor int NOT NULL)`,
      `SELECT create_hypertable('spaced', 'at', 'sensor', 2, chunk_time_interval => interval '6 hours')`,
      `INSERT INTO spaced SELECT '2025-01-01'::timestamp + n * interval '1 hour', n FROM generate_series(0, 11) n`,
      `CREATE TABLE by_day (d date NOT NULL)`,
      `SELECT create_hypertable('by_day', 'd', chunk_time_interval => interval '7 days')`,
      `INSERT INTO by_day VALUES ('2025-01-10'), ('1960-01-10')`,
      `CREATE TABLE numbered (n bigint NOT NULL)`,
      `SELECT create_hypertable('numbered', 'n', chunk_time_interval => 100)`,
      `INSERT INTO numbered VALUES (-5), (7), (250)`,
      `CREATE MATERIALIZED VIEW daily WITH (timescaledb.continuous) AS
         SELECT time_bucket('1 day', at) AS day, sensor, avg(v) AS v FROM readings GROUP BY 1, 2 WITH NO DATA`,
    ])
      await client.query(statement);
    await client.query('RESET search_path');
  });
  await owner.end();
  pool = createPool(endpoint, {
    applicationName: SOURCE_APPLICATION,
    readOnly: true,
    idleInTransactionTimeoutMs: 60_000,
  });
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

const inPublic = (name: string) => ({ schema: 'public', name });
const at = (text: string) => parseCursorValue('timestamptz', text);
const readings = { table: inPublic('readings'), column: 'at', kind: 'timestamptz' as const };

/** The stretches that a table's chunks cover, as a plan sees them. */
function stretchesOf(name: string, kind: CursorKind): Promise<Stretch[]> {
  return withClient(pool, undefined, async (client) => {
    const table = await describeTable(client, inPublic(name));
    if (!table?.hypertable) throw new Error(`${name} is no hypertable`);
    const chunks = chunksOf(table, table.hypertable.timeColumn);
    return chunks ? toStretches(await readChunks(client, chunks, kind)) : [];
  });
}

test('hypertables and continuous aggregates are told apart, and chunks are not listed', async () => {
  const tables = await withClient(pool, undefined, async (client) =>
    describeTables(client, await listTables(client)),
  );
  expect(
    tables.map(({ name, kind, hypertable }) => [
      name,
      kind,
      hypertable?.timeColumn,
      hypertable?.chunkInterval,
    ]),
  ).toEqual([
    ['by_day', 'hypertable', 'd', 604_800_000_000n],
    ['daily', 'continuous aggregate', 'day', 864_000_000_000n],
    ['numbered', 'hypertable', 'n', 100n],
    ['readings', 'hypertable', 'at', 86_400_000_000n],
    ['spaced', 'hypertable', 'at', 21_600_000_000n],
  ]);
});

test('how they are parted and kept, for a target that is alike', async () => {
  const [kept, spaced, numbered] = await withClient(pool, undefined, async (client) => [
    await readHypertableLayout(client, inPublic('readings')),
    await readHypertableLayout(client, inPublic('spaced')),
    await readHypertableLayout(client, inPublic('numbered')),
  ]);
  expect(kept).toMatchObject({
    dimensions: [{ column: 'at', kind: 'time', microseconds: 86_400_000_000n }],
    compression: { segmentBy: ['sensor'] },
    policies: [],
  });
  expect(spaced).toEqual({
    dimensions: [
      { column: 'at', kind: 'time', microseconds: 21_600_000_000n },
      { column: 'sensor', kind: 'space', partitions: 2 },
    ],
    compression: undefined,
    policies: [],
  });
  expect(numbered.dimensions).toEqual([{ column: 'n', kind: 'integer', width: 100n }]);
});

test('chunks: bounds in ticks, compressed or not', async () => {
  const day = 86_400_000_000n;
  const first = at('2025-01-01 00:00:00+00');
  const chunks = await stretchesOf('readings', 'timestamptz');
  expect(chunks).toEqual(
    [0n, 1n, 2n, 3n, 4n].map((n) => ({
      lower: first + n * day,
      upper: first + (n + 1n) * day,
      compressed: n < 2n,
    })),
  );
});

test('chunks of space partitions, dates and integers', async () => {
  const spaced = await stretchesOf('spaced', 'timestamp');
  const byDay = await stretchesOf('by_day', 'date');
  const numbered = await stretchesOf('numbered', 'bigint');
  const first = at('2025-01-01 00:00:00+00');
  expect(
    spaced.map(({ lower, upper }) => [(lower - first) / 3_600_000_000n, (upper - first) / 3_600_000_000n]),
  ).toEqual([
    [0n, 6n],
    [6n, 12n],
  ]);
  expect(byDay).toHaveLength(2);
  for (const [index, day] of ['1960-01-10', '2025-01-10'].entries()) {
    const { lower, upper } = byDay[index] ?? { lower: 0n, upper: 0n };
    const value = parseCursorValue('date', day);
    expect([lower <= value, value < upper, upper - lower]).toEqual([true, true, 7n]);
  }
  expect(numbered.map(({ lower, upper }) => [lower, upper])).toEqual([
    [-100n, 0n],
    [0n, 100n],
    [200n, 300n],
  ]);
});

test('spans, batch ends, counts and COPY across compressed and other chunks', async () => {
  const last = at('2025-01-05 23:50:00+00');
  await withClient(pool, undefined, async (client) => {
    const span = await readSpan(client, readings, at('1990-01-01 00:00:00+00'));
    expect(span).toEqual({ min: at('2025-01-01 00:00:00+00'), max: last });
    expect(await findBatchEnd(client, readings, span?.min ?? 0n, last + 1n, 200)).toBe(
      at('2025-01-02 09:10:00.000001+00'),
    );
    const odd = await countOddRows(
      client,
      { ...readings, notNull: true },
      { start: at('2025-01-02 00:00:00+00'), horizon: last },
    );
    expect(odd).toEqual({ nullCursor: 0, infinite: 0, beyondHorizon: 1, beforeStart: 144 });
    const text = batchCopy(
      { ...readings, columns: ['at', 'sensor', 'v'], range: { lower: 0n, upper: last + 1n } },
      'binary',
    );
    const rows = await inReadTransaction(client, async () => {
      const { stream, complete } = copyOut(client, text, { timeoutMs: 10_000 });
      stream.resume();
      return complete;
    });
    expect(rows).toBe(720);
  });
});

test('where sessions do not show, the horizon is bounded and says so', async () => {
  const [found, later] = await withClient(pool, undefined, async (client) => [
    await readHorizon(client, { kind: 'timestamptz', settleDelayMs: 1_000 }),
    await readHorizon(client, { kind: 'timestamptz', settleDelayMs: 1_000 }),
  ]);
  // Embedded, too, each statement has a time of its own.
  expect(later.horizon > found.horizon).toBe(true);
  expect(found).toMatchObject({
    bounded: true,
    unknown: expect.stringContaining('pg_stat_activity') as string,
  });
});
