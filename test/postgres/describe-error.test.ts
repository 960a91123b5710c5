import { createPool } from '../../src/postgres/pool';
import { describeError, type ErrorPlace } from '../../src/postgres/describe-error';
import { withClient } from '../../src/postgres/with-client';
import { createDatabase } from '../support/database';
import { from } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

const SECRET = 'row-value-4711';
const options = { applicationName: 'tidemark test', readOnly: false, idleInTransactionTimeoutMs: 10_000 };
let database: Awaited<ReturnType<typeof createDatabase>>;

beforeAll(async () => {
  database = await createDatabase();
  await database.query(
    `CREATE TABLE t (id text PRIMARY KEY, n int NOT NULL, short varchar(3), CONSTRAINT positive CHECK (n > 0))`,
  );
  await database.query(`INSERT INTO t VALUES ('${SECRET}', 1)`);
  await database.query(`CREATE ROLE ${database.endpoint.database}_weak LOGIN PASSWORD 'weak'`);
});
afterAll(async () => {
  await database.query(`DROP ROLE ${database.endpoint.database}_weak`);
  await database.drop();
});

async function failure(sql: string, place: ErrorPlace = {}, endpoint = database.endpoint) {
  const pool = createPool(endpoint, options);
  try {
    await withClient(pool, undefined, (client) => client.query(sql));
  } catch (error) {
    return describeError(error, { end: 'destination', endpoint, ...place });
  } finally {
    await pool.end();
  }
  throw new Error('nothing failed');
}

test.each([
  [
    `INSERT INTO public.t VALUES ('${SECRET}', 1)`,
    '23505',
    'DuplicateKey',
    { table: 't', constraint: 't_pkey' },
  ],
  [
    `INSERT INTO public.t VALUES ('${SECRET}x', NULL)`,
    '23502',
    'ConstraintViolated',
    { table: 't', column: 'n' },
  ],
  [
    `INSERT INTO public.t VALUES ('${SECRET}x', -1)`,
    '23514',
    'ConstraintViolated',
    { constraint: 'positive' },
  ],
  [`INSERT INTO public.t VALUES ('a', 1, '${SECRET}')`, '22001', 'ValueDoesNotFit', {}],
  [`SELECT '${SECRET}'::int`, '22P02', 'ValueDoesNotFit', {}],
  [`SELECT 1 FROM public."${SECRET}"`, '42P01', 'MissingObject', {}],
  [`DO $$ BEGIN RAISE '${SECRET}'; END $$`, 'P0001', 'ConstraintViolated', {}],
])('%s', async (sql, code, type, names) => {
  const described = await failure(sql);
  expect(described).toMatchObject({ code, type, retryable: false, names });
  expect(JSON.stringify(described)).not.toContain('4711');
});

test('the column of a COPY is named, not its value', async () => {
  const pool = createPool(database.endpoint, options);
  const error = await withClient(pool, undefined, (client) =>
    pipeline(
      Readable.from([`a\t1\n${SECRET}\tn: ${SECRET}\n`]),
      client.query(from('COPY public.t (id, n) FROM STDIN')),
    ),
  ).catch((error: unknown) => error);
  await pool.end();
  const described = describeError(error, {
    end: 'destination',
    table: { schema: 'public', name: 't' },
    columns: ['id', 'n', 'n: row'],
    interval: '[1, 2)',
  });
  expect(described.names.column).toBe('n');
  expect(described.message).toBe(
    "destination, table public.t, column n, interval [1, 2): a value is not of its column's type (22P02)",
  );
});

test('connection failures say what is wrong, without the password', async () => {
  const { endpoint } = database;
  const cases = [
    [{ port: 1 }, 'ECONNREFUSED', 'ConnectionFailed', true],
    [
      { host: 'nowhere.invalid' },
      expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as string,
      'ConnectionFailed',
      true,
    ],
    [{ password: 'hunter2' }, '28P01', 'AuthenticationFailed', false],
    [{ database: 'not_there' }, '3D000', 'UnknownDatabase', false],
    [{ tls: { rejectUnauthorized: true } }, undefined, 'TlsFailed', false],
  ] as const;
  for (const [change, code, type, retryable] of cases) {
    const described = await failure('SELECT 1', {}, { ...endpoint, ...change });
    expect(described).toMatchObject({ code, type, retryable });
    expect(JSON.stringify(described)).not.toContain('hunter2');
  }
});

test('a missing privilege', async () => {
  const endpoint = { ...database.endpoint, username: `${database.endpoint.database}_weak`, password: 'weak' };
  expect(await failure('SELECT * FROM public.t', {}, endpoint)).toMatchObject({
    code: '42501',
    type: 'PermissionDenied',
  });
});

test("an error that is neither the server's nor the network's keeps its message to itself", () => {
  expect(describeError(new TypeError(SECRET))).toMatchObject({
    type: 'Unexpected',
    message: 'an unexpected error occurred (TypeError)',
  });
});
