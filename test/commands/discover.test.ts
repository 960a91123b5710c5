import { parse } from 'yaml';
import { z } from 'zod';
import { quoteIdentifier } from '../../src/postgres/identifiers';
import { createDatabase, type TestDatabase } from '../support/database';
import { createTimescaleDatabase, describeNative } from '../support/native-timescale';
import { hypertable } from '../timescale/support';
import { type CliOptions, expectNoLeak, folderWith, runCli } from './cli';

const reportSchema = z.object({
  ok: z.literal(true),
  source: z.string(),
  configuration: z.string().nullable(),
  measured: z
    .object({
      table: z.string(),
      rows: z.number(),
      milliseconds: z.number(),
      bytesPerSecond: z.number(),
    })
    .nullable(),
  tables: z.array(
    z.object({
      table: z.string(),
      kind: z.string(),
      rows: z.number().nullable(),
      bytes: z.number().nullable(),
      uncompressedBytes: z.number().nullable(),
      chunks: z.number().nullable(),
      compressedChunks: z.number().nullable(),
      configured: z.boolean(),
      cursor: z.string().nullable(),
      cursorReason: z.string(),
      indexed: z.boolean(),
      key: z.array(z.string()),
      vectors: z.array(z.object({ column: z.string(), type: z.string(), dimensions: z.number().nullable() })),
      loadMs: z.number().nullable(),
      warnings: z.array(z.string()),
    }),
  ),
  yaml: z.string().nullable(),
});
const yamlSchema = z.object({ tables: z.array(z.record(z.string(), z.unknown())) });

async function discover(args: string[], options: CliOptions) {
  const result = await runCli(['discover', '--json', ...args], options);
  expectNoLeak(result);
  expect([result.code, result.stderr]).toEqual([0, '']);
  const report = reportSchema.strict().parse(JSON.parse(result.stdout));
  return {
    ...report,
    of: (name: string) => report.tables.find(({ table }) => table === name),
    pasted: report.yaml === null ? [] : yamlSchema.parse(parse(report.yaml)).tables,
  };
}

describe('PostgreSQL', () => {
  let source: TestDatabase;
  beforeAll(async () => {
    source = await createDatabase();
    await source.query(`
      CREATE TABLE readings (at timestamptz NOT NULL, sensor int, value float8, PRIMARY KEY (sensor, at));
      CREATE INDEX ON readings (at);
      INSERT INTO readings SELECT timestamptz '2026-01-01' + n * interval '1 second', n % 7, n FROM generate_series(1, 40000) n;
      CREATE TABLE late (id int NOT NULL UNIQUE, seen timestamptz, changed timestamptz);
      INSERT INTO late SELECT n, CASE WHEN n % 4 > 0 THEN now() END, now() FROM generate_series(1, 1000) n;
      CREATE TABLE numbered (id bigint PRIMARY KEY, text text);
      CREATE TABLE notes (text text);
      CREATE SCHEMA other;
      CREATE VIEW other.recent AS SELECT * FROM readings;
      ANALYZE`);
  });
  afterAll(() => source.drop());

  it('tells what each table is, and proposes a configuration of it', async () => {
    const folder = await folderWith({});
    const found = await discover([], { folder, env: { SOURCE_URL: source.url } });
    expect(found.configuration).toBeNull();
    expect(found.tables.map(({ table }) => table).slice(0, 2)).toEqual(['public.readings', 'public.late']);
    expect(found.of('public.readings')).toMatchObject({
      kind: 'table',
      rows: 40000,
      cursor: 'at',
      cursorReason: 'time column with an index',
      indexed: true,
      key: ['sensor', 'at'],
      warnings: [],
    });
    expect(found.of('public.late')).toMatchObject({
      cursor: 'seen',
      key: ['id'],
      indexed: false,
      warnings: [
        'about 25 % of the rows have no seen: they are counted, not copied',
        'no index begins with seen: every run looks at the whole table',
      ],
    });
    expect(found.of('public.numbered')).toMatchObject({
      cursor: 'id',
      cursorReason: 'primary key, a number',
    });
    expect(found.of('public.notes')).toMatchObject({
      cursor: null,
      warnings: [expect.stringContaining('nothing proposes itself')],
    });
    expect(found.of('other.recent')).toMatchObject({ kind: 'view', bytes: null, loadMs: null, cursor: 'at' });
    expect(found.pasted).toEqual([
      { name: 'public.readings', cursor: 'at', key: ['sensor', 'at'] },
      { name: 'public.late', cursor: 'seen', key: ['id'] },
      { name: 'public.numbered', cursor: 'id', key: ['id'], lookback: 0 },
      { name: 'other.recent', cursor: 'at' },
    ]);
  });

  it('sizes are those on disk, and the first load follows from a read that took place', async () => {
    const folder = await folderWith({});
    const found = await discover(['--url', source.url], { folder });
    const { rows } = await source.query(
      `SELECT pg_table_size('readings') AS readings, pg_table_size('late') AS late`,
    );
    const [bytes, late] = [Number(rows[0]?.['readings']), Number(rows[0]?.['late'])];
    expect(found.of('public.readings')).toMatchObject({ bytes, uncompressedBytes: bytes });
    const { table, rows: read = 0, milliseconds = 0, bytesPerSecond = 0 } = found.measured ?? {};
    // It reads for a second at most: on a slow machine that is a part of them.
    expect(table).toBe('public.readings');
    expect(bytesPerSecond / ((bytes * (read / 40000) * 1000) / milliseconds)).toBeCloseTo(1, 1);
    expect(found.of('public.late')?.loadMs).toBe(Math.round((late * 1000) / bytesPerSecond));
  });

  it('takes the source from a configuration that is not complete, and leaves out what is in it', async () => {
    const folder = await folderWith({
      'tidemark.yaml': `name: plant\nsource: { url: '${source.url}' }\ndestination: { url: '\${NOT_SET}' }\ntables: [public.r*, numbered]\n`,
    });
    const found = await discover([], { folder });
    expect(found.configuration).toBe('./tidemark.yaml');
    expect(
      found.tables
        .filter(({ configured }) => configured)
        .map(({ table }) => table)
        .sort(),
    ).toEqual(['public.numbered', 'public.readings']);
    expect(found.pasted.map(({ name }) => name)).toEqual(['public.late', 'other.recent']);
    expect((await discover(['--schema', 'other'], { folder })).tables.map(({ table }) => table)).toEqual([
      'other.recent',
    ]);
  });

  it('a role that may read nothing is told which grants it lacks; nothing is read', async () => {
    const role = `reader_${source.endpoint.database}`;
    await source.query(`CREATE ROLE ${role} LOGIN PASSWORD 'reader'`);
    const url = new URL(source.url);
    Object.assign(url, { username: role, password: 'reader' });
    const result = await runCli(['discover'], {
      folder: await folderWith({}),
      env: { SOURCE_URL: url.href },
    });
    await source.query(`DROP ROLE ${role}`);
    expectNoLeak(result, ['reader:reader']);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain(`GRANT SELECT ON "public"."readings" TO ${quoteIdentifier(role)};`);
    expect(result.stdout).toContain('there was nothing to measure its speed by');
    expect(result.stdout).toContain(
      'To paste into the configuration:\n\ntables:\n  - { name: public.readings,',
    );
  });

  it('is not held up by who holds a table, for long', async () => {
    const other = await source.connect();
    await other.query('BEGIN; LOCK TABLE readings IN ACCESS EXCLUSIVE MODE');
    const result = await runCli(['discover'], {
      folder: await folderWith({}),
      env: { SOURCE_URL: source.url },
    });
    await other.end();
    expectNoLeak(result);
    expect([result.code, result.stderr]).toEqual([4, expect.stringContaining('55P03')]);
  });

  it('says how to name a source where none is', async () => {
    const result = await runCli(['discover'], { folder: await folderWith({}) });
    expect(result).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Give --from configuration.json') as string,
    });
  });
});

describeNative('TimescaleDB', () => {
  let source: TestDatabase;
  beforeAll(async () => {
    source = await createTimescaleDatabase();
    const rows = `SELECT timestamptz '2026-01-01' + n * interval '1 minute', n % 7, n FROM generate_series(0, 9999) n`;
    for (const statement of hypertable('readings', rows, { compress: "range_end <= '2026-01-04'" }))
      await source.query(statement);
    await source.query(`
      CREATE TABLE embeddings (id int PRIMARY KEY, created_at timestamptz NOT NULL, embedding vector(3), half halfvec(4), any_size vector);
      INSERT INTO embeddings SELECT n, now(), '[1,2,3]' FROM generate_series(1, 100) n; ANALYZE embeddings`);
  });
  afterAll(() => source.drop());

  it('chunks, compression and vectors', async () => {
    const folder = await folderWith({});
    const found = await discover([], { folder, env: { SOURCE_URL: source.url } });
    const readings = found.of('public.readings');
    expect(readings).toMatchObject({
      kind: 'hypertable',
      chunks: 7,
      compressedChunks: 3,
      cursor: 'time',
      cursorReason: 'time dimension',
      key: ['sensor', 'time'],
    });
    const { rows } = await source.query(
      `SELECT table_bytes + toast_bytes AS bytes FROM hypertable_detailed_size('readings')`,
    );
    expect(Math.abs((readings?.bytes ?? 0) / Number(rows[0]?.['bytes']) - 1)).toBeLessThan(0.05);
    expect(readings?.uncompressedBytes).toBeGreaterThan(readings?.bytes ?? Infinity);
    expect(found.of('public.embeddings')?.vectors).toEqual([
      { column: 'embedding', type: 'vector(3)', dimensions: 3 },
      { column: 'half', type: 'halfvec(4)', dimensions: 4 },
      { column: 'any_size', type: 'vector', dimensions: null },
    ]);
    expect(found.pasted).toContainEqual({ name: 'public.readings', cursor: 'time', key: ['sensor', 'time'] });
  });
});
