import { escapeLiteral } from 'pg';
import { prerequisites, prerequisitesOfDestination, samples } from '../../prove/values/types';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* What is equal is found to be equal, whatever its types, its cursor column and its names. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

const query = (sql: string): Promise<unknown> => harness.source.query(sql);

describe('every type, after a sync', () => {
  beforeAll(async () => {
    await query(prerequisites);
    await harness.destination.query(prerequisitesOfDestination);
    const columns = samples.map(({ name, type }) => `${name} ${type}`);
    const inserts = samples.flatMap(({ name, type, values }) =>
      values.map((value) => `INSERT INTO every_type (${name}) VALUES (${escapeLiteral(value)}::${type});`),
    );
    await query(`
      CREATE TABLE every_type (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT clock_timestamp(), ${columns.join(', ')});
      INSERT INTO every_type DEFAULT VALUES; ${inserts.join('\n')}`);
  });

  it.each(['upsert', 'replace', 'append'])('is equal: mode %s', async (mode) => {
    const target = `every_${mode}`;
    const sync = await harness.configure({ tables: [{ name: 'every_type', cursor: 'at', mode, target }] });
    await sync.copy();
    const rows = samples.reduce((sum, { values }) => sum + values.length, 1);
    const compared = await sync.reconcile({ depth: 'full', repair: false });
    expect(compared).toMatchObject({ differing: 0, sourceRows: rows, destinationRows: rows });
    // And each value is looked at: those of one column after another are taken away.
    const { rows: there } = await harness.destination.query(
      samples
        .map(({ name }) => `SELECT count(*) AS n FROM ${target} WHERE ${name} IS NOT NULL`)
        .join(' UNION ALL '),
    );
    for (const { name } of samples) await harness.destination.query(`UPDATE ${target} SET ${name} = NULL`);
    const emptied = await sync.reconcile({ depth: 'full', repair: false });
    const changed = there.reduce((sum, { n }) => sum + Number(n), 0);
    const counts = mode === 'upsert' ? { different: changed } : { missing: changed, extra: changed };
    expect(emptied).toMatchObject(counts);
    await sync.reconcile({ depth: 'full', allowDeletes: true });
    await harness.expectEqual('every_type', target);
  });
});

it('types that are others at the destination', async () => {
  await query(`
    CREATE TYPE weather AS ENUM ('sun', 'rain');
    CREATE TABLE wider (
      id smallint PRIMARY KEY, at timestamp NOT NULL, r real, i integer, n numeric, n2 numeric, c char(6), c2 char(6),
      e weather, es weather[], v varchar(9), d date, j json, t text, a real[]);
    INSERT INTO wider VALUES
      (1, '2026-01-01 00:00:00.000001', 0.1, 7, 1.5, 1.5, 'a', 'a', 'sun', '{sun,NULL}', 'ü', '2026-01-01', '{"a" : 1.0}', '12', '{0.1,-0}'),
      (2, '2026-01-01 00:00:00.000002', 'NaN', -7, 'NaN', 10, '', '', 'rain', '{}', '', 'infinity', 'null', '1e3', '{NaN}'),
      (3, '2026-01-01 00:00:00.000003', '-0', 0, 1.005, 2.005, 'abcdef', ' b', NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
  const types = {
    ...{
      id: 'bigint',
      r: 'double precision',
      i: 'bigint',
      n: 'numeric(10,2)',
      n2: 'text',
      c: 'text',
      c2: 'character(9)',
    },
    ...{ e: 'text', v: 'text', d: 'timestamp', j: 'jsonb', t: 'numeric', a: 'double precision[]' },
  };
  const sync = await harness.configure({ tables: [{ name: 'wider', cursor: 'at', types }] });
  await sync.copy();
  expect(await sync.reconcile({ depth: 'full', repair: false })).toMatchObject({
    differing: 0,
    sourceRows: 3,
  });
  await query(
    `UPDATE wider SET n = 1.51 WHERE id = 1; UPDATE wider SET r = '0' WHERE id = 3; UPDATE wider SET j = '{"a":1}' WHERE id = 1`,
  );
  expect(await sync.reconcile()).toMatchObject({ different: 2, stillDiffering: 0 });
});

it.each([
  ['smallint', `(i % 100)::smallint`, { from: '10', to: '20' }],
  ['integer', `i - 250`, { from: '-250', to: '-200' }],
  ['bigint', `i * 10000000000`, { from: '5', to: '20000000000' }],
  ['date', `'2026-01-01'::date + i / 10`, { from: '2026-01-02', to: '2026-01-04' }],
  [
    'timestamp',
    `'2026-01-01'::timestamp + i * interval '1 hour'`,
    { from: '2026-01-02 00:00', to: '2026-01-03' },
  ],
])('a cursor column of type %s', async (type, value, range) => {
  const name = `by_${type}`;
  await query(`
    CREATE TABLE ${name} (id int PRIMARY KEY, "Wann" ${type} NOT NULL, v text);
    INSERT INTO ${name} SELECT i, ${value}, 'v' || i FROM generate_series(1, 500) i; ANALYZE ${name}`);
  const sync = await harness.configure({
    tables: [{ name, cursor: '"Wann"', key: ['id', '"Wann"'], deletes: 'mirror', start: 'none' }],
  });
  // An integer's newest values are held back until they are known to be settled.
  await sync.copy();
  await sync.copy();
  const changed = `v = 'changed' WHERE "Wann" >= '${range.from}' AND "Wann" < '${range.to}'`;
  const { rowCount } = await harness.source.query(`UPDATE ${name} SET ${changed}`);
  await query(`DELETE FROM ${name} WHERE id = 400`);
  const within = await sync.reconcile({ ...range, repair: false });
  expect(within).toMatchObject({ different: rowCount, extra: 0, sourceRows: rowCount });
  expect(await sync.reconcile()).toMatchObject({ different: rowCount, extra: 1, stillDiffering: 0 });
  expect(rowCount).toBeGreaterThan(0);
  await harness.expectEqual(
    `(SELECT * FROM ${name} WHERE "Wann" < (SELECT max("Wann") FROM ${name})) s`,
    `(SELECT * FROM ${name} WHERE "Wann" < (SELECT max("Wann") FROM ${name})) d`,
  );
});

it('names with quotes, capitals and spaces', async () => {
  await query(`
    CREATE SCHEMA "O'Brien's";
    CREATE TABLE "O'Brien's"."a ""table""" ("the 'key'" text, "At ""it""" timestamptz, "SELECT" int, "é" text, PRIMARY KEY ("the 'key'"));
    INSERT INTO "O'Brien's"."a ""table""" SELECT E'k''"\\\\' || i, '2026-01-01'::timestamptz + i * interval '1 second', i, 'é' FROM generate_series(1, 300) i`);
  const sync = await harness.configure({
    tables: [{ name: `"O'Brien's"."a ""table"""`, cursor: '"At ""it"""', deletes: { soft: `"g'o""ne"` } }],
  });
  await sync.copy();
  await query(`
    UPDATE "O'Brien's"."a ""table""" SET "é" = 'è' WHERE "SELECT" = 5;
    UPDATE "O'Brien's"."a ""table""" SET "At ""it""" = "At ""it""" - interval '10 seconds' WHERE "SELECT" = 100;
    DELETE FROM "O'Brien's"."a ""table""" WHERE "SELECT" = 7`);
  expect(await sync.reconcile()).toMatchObject({ different: 2, extra: 1, missing: 0, stillDiffering: 0 });
});

it('values that differ in their text alone', async () => {
  await query(`
    CREATE TABLE nearly (id int PRIMARY KEY, at timestamptz, n numeric, f float8, j json, a text[]);
    INSERT INTO nearly VALUES (1, '2026-01-01', 1.0, 0, '{"a":1}', '{x}'), (2, '2026-01-01', 1, 1, '1', '{}')`);
  const sync = await harness.configure({ tables: [{ name: 'nearly', cursor: 'at' }] });
  await sync.copy();
  for (const change of [
    `n = 1.00`,
    `f = '-0'`,
    `j = '{"a": 1}'`,
    `a = '[2:2]={x}'`,
    `j = NULL`,
    `a = '{""}'`,
  ]) {
    await query(`UPDATE nearly SET ${change} WHERE id = 1`);
    expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ different: 1, stillDiffering: 0 });
    await harness.expectEqual('nearly');
  }
});
