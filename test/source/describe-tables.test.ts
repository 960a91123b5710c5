import type { Pool } from 'pg';
import { createPool, SOURCE_APPLICATION } from '../../src/postgres/pool';
import { withClient } from '../../src/postgres/with-client';
import { describeTable, describeTables } from '../../src/source/describe-tables';
import { missingGrants } from '../../src/source/grants';
import { listTables } from '../../src/source/list-tables';
import { propose } from '../../src/source/propose';
import { readVersions } from '../../src/source/versions';
import { createDatabase } from '../support/database';

const options = { applicationName: SOURCE_APPLICATION, readOnly: true, idleInTransactionTimeoutMs: 10_000 };
let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool(database.endpoint, options);
  await database.query(`
    CREATE SCHEMA app;
    CREATE EXTENSION hstore;
    CREATE TYPE app.mood AS ENUM ('sad', 'ok');
    CREATE TYPE app.pair AS (a int, b text);
    CREATE DOMAIN app.amount AS numeric(10,2);
    CREATE DOMAIN app.price AS app.amount CHECK (VALUE > 0);
    CREATE TABLE app."Odd ""name""" (
      at timestamptz(3) NOT NULL, gone int, "Id" bigint PRIMARY KEY, price app.price, moods app.mood[], pair app.pair,
      period tstzrange, code varchar(12)[], h hstore, twice bigint GENERATED ALWAYS AS ("Id" * 2) STORED,
      email text, UNIQUE (email, at), EXCLUDE USING gist (period WITH &&), later int UNIQUE DEFERRABLE);
    ALTER TABLE app."Odd ""name""" DROP COLUMN gone;
    CREATE UNIQUE INDEX ON app."Odd ""name""" (code) WHERE "Id" > 0;
    CREATE UNIQUE INDEX ON app."Odd ""name""" (lower(email));
    CREATE UNIQUE INDEX ON app."Odd ""name""" (price) INCLUDE (email);
    CREATE INDEX ON app."Odd ""name""" (at, email);
    CREATE TABLE parted (at date NOT NULL, n int) PARTITION BY RANGE (at);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
    CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
    INSERT INTO parted SELECT '2025-01-30'::date + n % 4, n FROM generate_series(1, 100) n;
    CREATE VIEW v AS SELECT * FROM parted;
    CREATE MATERIALIZED VIEW m AS SELECT * FROM parted;
    ANALYZE;
  `);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const odd = { schema: 'app', name: 'Odd "name"' };
const inPublic = (name: string) => ({ schema: 'public', name });

test('columns with their types, as they are', async () => {
  const table = await withClient(pool, undefined, (client) => describeTable(client, odd));
  const columns = table?.columns.map((c) => [
    c.name,
    c.type,
    c.typeKind,
    c.baseType,
    c.isArray,
    c.extension,
    c.generated,
  ]);
  expect(columns).toEqual([
    ['at', 'timestamp(3) with time zone', 'b', 'timestamp(3) with time zone', false, null, false],
    ['Id', 'bigint', 'b', 'bigint', false, null, false],
    ['price', 'app.price', 'd', 'numeric(10,2)', false, null, false],
    ['moods', 'app.mood[]', 'e', 'app.mood[]', true, null, false],
    ['pair', 'app.pair', 'c', 'app.pair', false, null, false],
    ['period', 'tstzrange', 'r', 'tstzrange', false, null, false],
    ['code', 'character varying(12)[]', 'b', 'character varying(12)[]', true, null, false],
    ['h', 'public.hstore', 'b', 'public.hstore', false, 'hstore', false],
    ['twice', 'bigint', 'b', 'bigint', false, null, true],
    ['email', 'text', 'b', 'text', false, null, false],
    ['later', 'integer', 'b', 'integer', false, null, false],
  ]);
});

test('keys are whole, valid, plain and immediate', async () => {
  const table = await withClient(pool, undefined, (client) => describeTable(client, odd));
  expect(table?.primaryKey).toEqual(['Id']);
  expect(table?.uniqueKeys).toEqual([['Id'], ['email', 'at'], ['price']]);
  expect(table?.indexedColumns.sort()).toEqual(['Id', 'at', 'email', 'later', 'price']);
});

test('several tables at once, in order, without those that are missing', async () => {
  const tables = await withClient(pool, undefined, (client) =>
    describeTables(client, ['v', 'nowhere', 'm', 'parted'].map(inPublic)),
  );
  expect(tables.map(({ name, kind, estimatedRows }) => [name, kind, estimatedRows])).toEqual([
    ['v', 'view', undefined],
    ['m', 'materialized view', 100],
    ['parted', 'partitioned table', 100],
  ]);
});

test('listed are the tables of the user, and a cursor column is proposed', async () => {
  const found = await withClient(pool, undefined, async (client) =>
    describeTables(client, await listTables(client)),
  );
  const proposed = { cursor: 'at', candidates: ['at'], key: [] };
  expect(found.map((table) => [table.name, propose(table)])).toEqual([
    [
      'Odd "name"',
      { ...proposed, reason: 'time column with an index', candidates: ['at', 'Id'], key: ['Id'] },
    ],
    ['m', { ...proposed, reason: 'time column' }],
    ['parted', { ...proposed, reason: 'time column' }],
    ['v', { ...proposed, reason: 'time column' }],
  ]);
});

test('missing grants are statements that help', async () => {
  const role = `${database.endpoint.database}_weak`;
  await database.query(`CREATE ROLE "${role}" LOGIN PASSWORD 'weak'`);
  const weak = createPool({ ...database.endpoint, username: role, password: 'weak' }, options);
  const missing = () =>
    withClient(weak, undefined, (client) =>
      missingGrants(client, [
        { table: odd, columns: ['at', 'Id'] },
        { table: inPublic('parted'), columns: ['at'] },
      ]),
    );
  const before = await missing();
  expect(before).toHaveLength(3);
  // The catalog can be read without any of them.
  const table = await withClient(weak, undefined, (client) => describeTable(client, odd));
  expect(table?.columns).toHaveLength(11);
  await database.query(
    `GRANT USAGE ON SCHEMA app TO "${role}"; GRANT SELECT (at, "Id") ON app."Odd ""name""" TO "${role}"`,
  );
  expect(await missing()).toEqual([`GRANT SELECT ON "public"."parted" TO "${role}";`]);
  for (const statement of before) await database.query(statement);
  expect(await missing()).toEqual([]);
  const versions = await withClient(weak, undefined, readVersions);
  expect(versions).toMatchObject({
    role,
    superuser: false,
    isStandby: false,
    readsAllStats: false,
    timescaledb: null,
    encoding: 'UTF8',
  });
  await weak.end();
  await database.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
});
