import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import type { Pool, PoolClient } from 'pg';
import { type CursorKind, formatCursorValue, parseCursorValue } from '../../src/plan/cursor-value';
import { createPool, SOURCE_APPLICATION } from '../../src/postgres/pool';
import { withClient } from '../../src/postgres/with-client';
import { batchCopy, batchQuery } from '../../src/source/batch-query';
import { copyOut } from '../../src/source/copy-out';
import { countOddRows } from '../../src/source/count-odd-rows';
import { findBatchEnd } from '../../src/source/find-batch-end';
import { readRows } from '../../src/source/read-rows';
import { readSpan } from '../../src/source/read-span';
import { inReadTransaction } from '../../src/source/read-transaction';
import { sampleWidth } from '../../src/source/sample-width';
import { createDatabase } from '../support/database';
import { until } from '../support/poll';

const options = { applicationName: SOURCE_APPLICATION, readOnly: true, idleInTransactionTimeoutMs: 10_000 };
let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;

const cursor = (name: string, column: string, kind: CursorKind) => ({
  table: { schema: 'public', name },
  column,
  kind,
});
const readings = cursor('readings', 'at', 'timestamptz');
const at = (text: string) => parseCursorValue('timestamptz', text);
const use = <T>(fn: (client: PoolClient) => Promise<T>) => withClient(pool, undefined, fn);

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool(database.endpoint, options);
  await database.query(`
    CREATE TABLE readings (at timestamptz NOT NULL, n int, payload json);
    INSERT INTO readings
      SELECT '2025-01-01 00:00:00.000001+00'::timestamptz + (n / 7) * interval '1 microsecond', n, to_json(repeat('é', n % 50))
      FROM generate_series(0, 20000) n;
    CREATE INDEX ON readings (at);
    CREATE TABLE days (d date);
    INSERT INTO days VALUES (NULL), (NULL), ('infinity'), ('-infinity'), ('1980-06-01'), ('2025-01-01'), ('5874897-12-31');
    CREATE TABLE numbers (n bigint PRIMARY KEY);
    INSERT INTO numbers VALUES (-9223372036854775808), (0), (9223372036854775807);
    CREATE TABLE small (n smallint);
    INSERT INTO small VALUES (32767), (-32768), (3), (3);
    CREATE TABLE empty (at timestamptz);
  `);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('the span leaves ±infinity out', async () => {
  const days = await use((client) =>
    readSpan(client, cursor('days', 'd', 'date'), parseCursorValue('date', '1900-01-01')),
  );
  expect(days).toEqual({
    min: parseCursorValue('date', '1980-06-01'),
    max: parseCursorValue('date', '5874897-12-31'),
  });
  const numbers = await use((client) => readSpan(client, cursor('numbers', 'n', 'bigint'), 0n));
  expect(numbers).toEqual({ min: 0n, max: 2n ** 63n - 1n });
  expect(await use((client) => readSpan(client, cursor('empty', 'at', 'timestamptz'), 0n))).toBeUndefined();
});

test('a batch ends between two cursor values, and ties stay together', async () => {
  const first = at('2025-01-01 00:00:00.000001+00');
  const end = (position: bigint, rows: number) =>
    use((client) => findBatchEnd(client, readings, position, first + 5_000n, rows));
  expect(await end(first, 1)).toBe(first + 1n);
  expect(await end(first, 7)).toBe(first + 1n);
  expect(await end(first, 8)).toBe(first + 2n);
  expect(await end(first + 2_850n, 100)).toBe(first + 5_000n);
  expect(await end(first + 5_000n, 100)).toBe(first + 5_000n);
});

test('batches at the ends of what a type can hold', async () => {
  const small = cursor('small', 'n', 'smallint');
  const ends = await use(async (client) => {
    const found: bigint[] = [];
    for (let position = -(2n ** 15n); position < 2n ** 15n;)
      found.push((position = await findBatchEnd(client, small, position, 2n ** 15n, 1)));
    return found;
  });
  expect(ends).toEqual([-32767n, 4n, 32768n]);
});

test('batches tile: every row is read once, whatever the batch size (property)', async () => {
  const all = (await database.query('SELECT count(*) AS n FROM readings')).rows[0]?.n;
  const first = at('2025-01-01 00:00:00.000001+00');
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 900, max: 12_000 }), async (rows) => {
      const upper = first + 10_000n;
      const seen: string[] = [];
      await use((client) =>
        inReadTransaction(client, async () => {
          for (let position = first; position < upper;) {
            const end = await findBatchEnd(client, readings, position, upper, rows);
            expect(end).toBeGreaterThan(position);
            const query = batchQuery({ ...readings, columns: ['n'], range: { lower: position, upper: end } });
            for await (const read of readRows(client, query, { timeoutMs: 5_000 }))
              seen.push(...read.map(([n]) => n ?? ''));
            position = end;
          }
        }),
      );
      expect(seen.length).toBe(Number(all));
      expect(new Set(seen).size).toBe(Number(all));
    }),
    { numRuns: 8 },
  );
});

test('rows that are left out are counted by reason', async () => {
  const days = { ...cursor('days', 'd', 'date'), notNull: false };
  const bounds = {
    start: parseCursorValue('date', '1990-01-01'),
    horizon: parseCursorValue('date', '2026-01-01'),
  };
  expect(await use((client) => countOddRows(client, days, bounds))).toEqual({
    nullCursor: 2,
    infinite: 2,
    beyondHorizon: 1,
    beforeStart: 1,
  });
  const numbers = { ...cursor('numbers', 'n', 'bigint'), notNull: true };
  expect(await use((client) => countOddRows(client, numbers, { start: 0n, horizon: 2n ** 63n }))).toEqual({
    nullCursor: 0,
    infinite: 0,
    beyondHorizon: 0,
    beforeStart: 1,
  });
});

test('the sampled width grows with the rows', async () => {
  const range = { lower: 0n, upper: at('2026-01-01 00:00:00+00') };
  const narrow = await use((client) => sampleWidth(client, readings, range, ['n']));
  const wide = await use((client) => sampleWidth(client, readings, range, ['at', 'n', 'payload']));
  expect(narrow).toBe(4);
  expect(wide).toBeGreaterThan(30);
  expect(
    await use((client) => sampleWidth(client, readings, { lower: 0n, upper: 1n }, ['n'])),
  ).toBeUndefined();
});

test('COPY gives the same rows as a database cursor, in order where asked', async () => {
  const selection = {
    ...readings,
    columns: ['n', 'payload'],
    range: { lower: 0n, upper: at('2026-01-01 00:00:00+00') },
    orderBy: ['n'],
  };
  const [rows, copied, count] = await use((client) =>
    inReadTransaction(client, async () => {
      const rows: string[] = [];
      for await (const read of readRows(client, batchQuery(selection), { timeoutMs: 5_000 }))
        rows.push(...read.map((row) => row.join('\t')));
      const out = copyOut(client, batchCopy(selection, 'text'), { timeoutMs: 5_000 });
      const chunks: Buffer[] = [];
      for await (const chunk of out.stream) chunks.push(chunk as Buffer);
      return [rows, Buffer.concat(chunks).toString(), await out.complete] as const;
    }),
  );
  expect(rows.map((row) => `${row}\n`).join('')).toBe(copied);
  expect(count).toBe(rows.length);
});

test('a reader that is left early leaves a session that can be used', async () => {
  const query = batchQuery({
    ...readings,
    columns: ['n'],
    range: { lower: 0n, upper: at('2026-01-01 00:00:00+00') },
  });
  const answer = await use((client) =>
    inReadTransaction(client, async () => {
      for await (const rows of readRows(client, query, { timeoutMs: 5_000 })) if (rows.length > 0) break;
      return (await client.query<{ one: string }>('SELECT 1 AS one')).rows[0]?.one;
    }),
  );
  expect(answer).toBe('1');
});

test('a connection lost between two reads ends a reader with an error, not with fewer rows', async () => {
  const range = { lower: 0n, upper: at('2026-01-01 00:00:00+00') };
  const work = use((client) =>
    inReadTransaction(client, async () => {
      const { rows } = await client.query<{ pid: string }>('SELECT pg_backend_pid() AS pid');
      const ended = new Promise((resolve) => client.once('end', resolve));
      const query = batchQuery({ ...readings, columns: ['n'], range });
      for await (const read of readRows(client, query, { timeoutMs: 5_000 })) {
        expect(read).not.toEqual([]);
        await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
        await ended;
      }
    }),
  );
  await expect(work).rejects.toMatchObject({ code: '57P01' });
});

test('a query that fails in the middle is no end either', async () => {
  const text = `SELECT 1 / (19000 - n) FROM public.readings WHERE at >= $1::timestamptz ORDER BY at`;
  const work = use((client) =>
    inReadTransaction(client, async () => {
      for await (const rows of readRows(
        client,
        { text, values: [formatCursorValue('timestamptz', 0n)] },
        { timeoutMs: 5_000 },
      ))
        expect(rows).not.toEqual([]);
    }),
  );
  await expect(work).rejects.toMatchObject({ code: '22012' });
});

test('when the consumer of a COPY fails, the session goes and the pool goes on', async () => {
  const text = batchCopy(
    { ...readings, columns: ['n', 'payload'], range: { lower: 0n, upper: at('2026-01-01 00:00:00+00') } },
    'binary',
  );
  const full = new Writable({
    write: (_chunk, _encoding, done) => done(new Error('full')),
    highWaterMark: 1,
  });
  const work = use((client) =>
    inReadTransaction(client, () => pipeline(copyOut(client, text, { timeoutMs: 5_000 }).stream, full)),
  );
  await expect(work).rejects.toThrow('full');
  await use((client) => client.query('SELECT 1'));
});

test('a server that has sent its last row is not idle while a slow consumer has yet to come to it', async () => {
  const impatient = createPool(database.endpoint, { ...options, idleInTransactionTimeoutMs: 200 });
  const session = `FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY (SELECT n%'`;
  let read = 0;
  await withClient(impatient, undefined, (client) =>
    inReadTransaction(client, async () => {
      const { stream, complete } = copyOut(client, 'COPY (SELECT n FROM public.readings) TO STDOUT', {
        timeoutMs: 60_000,
      });
      await until(async () => {
        const { rows } = await database.query(
          `SELECT now() - state_change > interval '1 second' AS over ${session} AND state = 'idle in transaction'`,
        );
        return rows[0]?.['over'] === 't' || (await database.query(`SELECT ${session}`)).rowCount === 0;
      });
      for await (const chunk of stream) read += String(chunk).split('\n').length - 1;
      await complete;
    }),
  );
  expect(read).toBe(20_001);
  await impatient.end();
});

test('abort stops a reader at the server', async () => {
  const abort = new AbortController();
  const work = withClient(pool, abort.signal, (client) =>
    inReadTransaction(client, async () => {
      for await (const rows of readRows(
        client,
        { text: 'SELECT pg_sleep(100)', values: [] },
        { timeoutMs: 60_000 },
      ))
        expect(rows).toEqual([]);
    }),
  );
  const works = `SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(100)' AND pid <> pg_backend_pid()`;
  const isWorking = async () => ((await database.query(works)).rowCount ?? 0) > 0;
  await until(isWorking);
  abort.abort(new Error('stop'));
  await expect(work).rejects.toThrow('stop');
  await until(async () => !(await isWorking()));
});

test('a server that stays silent is given up', async () => {
  const work = use((client) =>
    inReadTransaction(client, async () => {
      for await (const rows of readRows(
        client,
        { text: 'SELECT pg_sleep(100)', values: [] },
        { timeoutMs: 200 },
      ))
        expect(rows).toEqual([]);
    }),
  );
  await expect(work).rejects.toMatchObject({ code: 'STALLED' });
});
