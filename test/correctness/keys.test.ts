import { buildKey } from '../../src/destination/defer-key';
import { tableSpecSchema } from '../../src/plan/table-spec';
import { pinSettings } from '../../src/postgres/pinned-settings';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* Keys by what makes two values one: operators of extensions, values with several texts, names that are also ours. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
  const extensions = `
    CREATE SCHEMA "odd ""schema"; CREATE EXTENSION citext SCHEMA "odd ""schema"; CREATE EXTENSION ltree; CREATE EXTENSION hstore`;
  await Promise.all([harness.source.query(extensions), harness.destination.query(extensions)]);
  await source('CREATE DOMAIN address AS "odd ""schema".citext');
});
afterAll(() => harness.stop());

const source = (sql: string): Promise<unknown> => harness.source.query(sql);
const all = ['mirror', 'keep', { soft: 'gone' }];
const suffix = (deletes: unknown): string => (typeof deletes === 'string' ? deletes : 'soft');

const extensionTypes = [
  { type: '"odd ""schema".citext', value: (i: string) => `'Key' || ${i}`, schema: 'citext' },
  { type: 'ltree', value: (i: string) => `('top.k' || ${i})::ltree`, schema: 'ltree' },
  { type: 'hstore', value: (i: string) => `hstore('k', ${i}::text)`, schema: 'hstore' },
].flatMap((one) => all.map((deletes) => ({ ...one, deletes })));

describe.each(extensionTypes)("a key with an extension's operator: $schema, deletes: $deletes", (given) => {
  const { type, value, schema, deletes } = given;
  const name = `${schema}_${suffix(deletes)}`;

  test('repairs change, move and take away the rows that are meant', async () => {
    await source(`
      CREATE TABLE ${name} (k ${type} PRIMARY KEY, at timestamptz NOT NULL, v int);
      INSERT INTO ${name} SELECT ${value('i')}, '2026-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(1, 500) i;
      ANALYZE ${name}`);
    const sync = await harness.copied({ name, deletes });
    await source(`
      UPDATE ${name} SET v = -v WHERE v = 7;
      UPDATE ${name} SET at = at - interval '10 seconds', v = -v WHERE v IN (8, 400);
      UPDATE ${name} SET at = 'tomorrow' WHERE v = 9`);
    expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ moved: 1, extra: 0, stillDiffering: 0 });
    await harness.expectEqual(`${name} WHERE v <> 9`, `${name} WHERE v <> 9`, 'k, at, v');
    await source(`UPDATE ${name} SET at = '2026-01-01 00:09' WHERE v = 9; DELETE FROM ${name} WHERE v = 10`);
    await sync.reconcile({ depth: 'full' });
    const kept = deletes === 'mirror' ? 'true' : 'v <> 10';
    await harness.expectEqual(name, `${name} WHERE ${kept}`, 'k, at, v');
    await sync.copy();
    expect(await sync.reconcile({ depth: 'full', repair: false })).toMatchObject({ differing: 0 });
  });
});

test.each(all)('a key that gets other letters is the same row, deletes: %j', async (deletes) => {
  const name = `letters_${suffix(deletes)}`;
  await source(`
    CREATE TABLE ${name} (email "odd ""schema".citext PRIMARY KEY, at timestamptz NOT NULL, v int);
    INSERT INTO ${name} SELECT 'User' || i, '2026-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(1, 100) i`);
  const sync = await harness.copied({ name, deletes });
  await source(`UPDATE ${name} SET email = lower(email::text) WHERE v = 7`);
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ stillDiffering: 0 });
  await harness.expectEqual(name, name, 'email, at, v');
});

test.each([
  {
    type: '"odd ""schema".citext',
    name: 'shared_citext',
    value: `CASE WHEN i % 100 < 50 THEN 'K' ELSE 'k' END || i % 50`,
  },
  { type: 'ltree', name: 'shared_ltree', value: `('top.k' || i % 50)::ltree` },
])('a key of $type that several rows of the source share', async ({ type, name, value }) => {
  await source(`
    CREATE TABLE ${name} (k ${type} NOT NULL, at timestamptz NOT NULL, v int);
    INSERT INTO ${name} SELECT ${value}, '2026-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(1, 3000) i;
    CREATE INDEX ON ${name} (at); ANALYZE ${name}`);
  const sync = await harness.copied({ name, key: ['k'], deletes: 'mirror' });
  // Of 11 the newest row left stands in a piece of its own, below others of its key in other letters.
  await source(`
    UPDATE ${name} SET v = -v WHERE v > 2998;
    DELETE FROM ${name} WHERE v IN (2960, 2961) OR v % 50 = 11 AND v > 1000 OR v % 50 = 12`);
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ stillDiffering: 0 });
  await harness.expectEqual(`(SELECT DISTINCT ON (k) * FROM ${name} ORDER BY k, at DESC) s`, name);
});

test.each([
  { name: 'text_of_domain', type: 'address', value: `'User' || i`, then: 'lower(k::text)' },
  { name: 'text_of_numeric', type: 'numeric', value: 'i + 0.0', then: 'k + 0.00', types: { k: 'text' } },
  { name: 'text_of_char', type: 'char(5)', value: `'k' || i`, then: 'k', types: { k: 'text' } },
])('a key that is text at the destination, and less strict at the source: $name', async (given) => {
  const { name, type, value, then, types = {} } = given;
  await source(`
    CREATE TABLE ${name} (k ${type} PRIMARY KEY, at timestamptz NOT NULL, v int);
    INSERT INTO ${name} SELECT ${value}, '2026-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(1, 100) i`);
  const sync = await harness.copied({ name, deletes: 'mirror', types });
  await source(`
    UPDATE ${name} SET k = ${then}, v = -v WHERE v = 7; UPDATE ${name} SET at = 'tomorrow' WHERE v = 8`);
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ moved: 1, stillDiffering: 0 });
  await harness.expectEqual(`${name} WHERE v <> 8`, `${name} WHERE v <> 8`);
});

test('a key of an extension, built at the end of a first load in which a row came twice', async () => {
  const columns = [
    { name: 'k', sourceType: 'public.ltree', destinationType: 'public.ltree' },
    { name: 'at', sourceType: 'bigint', destinationType: 'bigint' },
  ];
  const table = { schema: 'public', name: 'twice' };
  const spec = tableSpecSchema.parse({
    ...{ source: table, destination: table, columns, cursor: { column: 'at', kind: 'bigint' }, start: '0' },
    ...{ key: ['k'], mode: 'upsert', keyUnique: true, binary: false, wide: false, firstLoad: true },
    ...{ createdHere: true, cursorIndexed: false, keyLater: true },
  });
  await harness.destination.query(
    `CREATE TABLE twice (k ltree NOT NULL, at bigint); INSERT INTO twice VALUES ('a', 1), ('a', 2), ('b', 1)`,
  );
  const client = await harness.destination.connect();
  await pinSettings(client, {
    readOnly: false,
    statementTimeoutMs: 20_000,
    idleInTransactionTimeoutMs: 20_000,
  });
  await buildKey(client, spec);
  await client.end();
  const { rows } = await harness.destination.query('SELECT k, at FROM twice ORDER BY k');
  expect(rows).toEqual([
    { k: 'a', at: '2' },
    { k: 'b', at: '1' },
  ]);
});

describe('a key value with several texts', () => {
  const types = [
    { type: 'numeric', first: '1.0', then: '1.00' },
    { type: 'interval', first: '1 day', then: '24:00:00' },
    { type: 'float8', first: '0', then: '-0' },
    { type: 'real', first: '0', then: '-0' },
    { type: 'jsonb', first: '{"a": 1.0}', then: '{"a": 1.00}' },
    { type: 'bpchar', first: 'a', then: 'a  ' },
    { type: '"odd ""schema".citext', first: 'ABC', then: 'abc' },
    { type: 'numeric[]', first: '{1.0}', then: '{1.00}' },
    { type: 'numrange', first: '[1.0,2)', then: '[1.00,2)' },
  ].map((one, index) => ({ ...one, name: `texts_${index}` }));
  const table = (name: string, type: string, first: string, key: string): Promise<unknown> =>
    source(`
      CREATE TABLE ${name} (k ${type}, at timestamptz NOT NULL, v int, PRIMARY KEY (${key}));
      INSERT INTO ${name} VALUES ('${first}', '2026-01-01', 1)`);

  test('a sync writes the text of the later version', async () => {
    for (const { name, type, first } of types) await table(name, type, first, 'k');
    const sync = await harness.configure({ tables: types.map(({ name }) => ({ name, cursor: 'at' })) });
    expect(await sync.run()).toMatchObject({ ok: true });
    for (const text of ['then', 'first'] as const) {
      for (const { name, ...texts } of types)
        await source(`UPDATE ${name} SET k = '${texts[text]}', at = clock_timestamp(), v = v + 1`);
      expect(await sync.run()).toMatchObject({ ok: true });
      for (const { name } of types) await harness.expectEqual(name);
    }
  });

  test.each(types)('$type: a repair does where nothing else changed', async ({ name, type, first, then }) => {
    const others = [['k, at', 'stays'] as const, ['at, k', 'mirrors'] as const];
    for (const [key, other] of [['k', 'moves'] as const, ...(type === 'numeric' ? others : [])]) {
      const mirrored = other === 'mirrors' && { deletes: 'mirror' };
      await table(`${name}_${other}`, type, first, key);
      const sync = await harness.copied({ name: `${name}_${other}`, ...mirrored });
      await source(`UPDATE ${name}_${other} SET k = '${then}'`);
      expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ stillDiffering: 0 });
      await harness.expectEqual(`${name}_${other}`);
    }
  });
});

test('a key column that the destination numbers itself is never set', async () => {
  await source(`
    CREATE TABLE numbered (id int, k numeric, at timestamptz NOT NULL, v int, PRIMARY KEY (id, k));
    INSERT INTO numbered VALUES (1, 1.0, '2026-01-01', 1)`);
  await harness.destination.query(
    `CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY, k numeric, at timestamptz NOT NULL, v int, PRIMARY KEY (id, k))`,
  );
  const sync = await harness.copied({ name: 'numbered' });
  await source(`UPDATE numbered SET k = 1.00, v = 2, at = clock_timestamp()`);
  await sync.copy();
  await harness.expectEqual('numbered');
});

test.each(['HASH (k)', 'LIST (k)', 'RANGE (k)'])(
  'a key by which the destination is parted: %s',
  async (by) => {
    const name = `parted_${by.slice(0, 4).toLowerCase()}`;
    const bounds =
      { H: 'WITH (MODULUS 2, REMAINDER 0)', L: 'IN (1)', R: 'FROM (1) TO (2)' }[by[0] ?? ''] ?? '';
    await source(`
    CREATE TABLE ${name} (k numeric PRIMARY KEY, at timestamptz NOT NULL, v int);
    INSERT INTO ${name} VALUES (1.0, '2026-01-01', 1)`);
    await harness.destination.query(`
    CREATE TABLE ${name} (k numeric PRIMARY KEY, at timestamptz NOT NULL, v int) PARTITION BY ${by};
    CREATE TABLE ${name}_1 PARTITION OF ${name} FOR VALUES ${bounds};
    CREATE TABLE ${name}_2 PARTITION OF ${name} ${by.startsWith('H') ? 'FOR VALUES WITH (MODULUS 2, REMAINDER 1)' : 'DEFAULT'}`);
    const sync = await harness.copied({ name });
    await source(`UPDATE ${name} SET k = 1.00, v = 2, at = clock_timestamp()`);
    await sync.copy();
    await harness.expectEqual(name);
  },
);

describe('columns with the names that our own statements use', () => {
  const names = [
    'newest',
    'place',
    's',
    't',
    'w',
    'v0',
    'k0',
    'present',
    'excluded',
    'stretch',
    'rows',
    'value',
    'odd',
    'ours',
  ];

  test.each(all)('a key of all of them, deletes: %j', async (deletes) => {
    const name = `named_${suffix(deletes)}`;
    await source(`
      CREATE TABLE ${name} (${names.map((one) => `${one} int`).join(', ')}, at timestamptz NOT NULL, v int, PRIMARY KEY (${names.join(', ')}));
      INSERT INTO ${name} SELECT ${names.map((_, i) => `i / ${i + 1}`).join(', ')}, '2026-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(1, 300) i`);
    const sync = await harness.copied({ name, deletes });
    await source(`
      UPDATE ${name} SET v = -v WHERE v = 7;
      UPDATE ${name} SET at = at - interval '3 minutes' WHERE v IN (8, 200);
      UPDATE ${name} SET at = 'tomorrow' WHERE v = 9`);
    expect(await sync.reconcile()).toMatchObject({ moved: 1, stillDiffering: 0 });
    await harness.expectEqual(`${name} WHERE v <> 9`, `${name} WHERE v <> 9`, [...names, 'at', 'v'].join());
    await source(`DELETE FROM ${name} WHERE v = 20`);
    await sync.reconcile();
    const kept = deletes === 'mirror' ? 'v <> 9' : 'v NOT IN (9, 20)';
    await harness.expectEqual(`${name} WHERE v <> 9`, `${name} WHERE ${kept}`, [...names, 'at', 'v'].join());
  });

  test('a cursor column called newest, of a key that several rows share', async () => {
    await source(`
      CREATE TABLE cursor_named (place int NOT NULL, newest timestamptz NOT NULL, t int);
      INSERT INTO cursor_named SELECT i % 20, '2026-01-01'::timestamptz + i * interval '1 minute', i FROM generate_series(1, 3000) i`);
    const sync = await harness.copied({
      name: 'cursor_named',
      key: ['place'],
      cursor: 'newest',
      deletes: 'mirror',
    });
    await source(`DELETE FROM cursor_named WHERE t IN (2990, 2991) OR place = 3`);
    expect(await sync.reconcile()).toMatchObject({ stillDiffering: 0 });
    await harness.expectEqual(
      '(SELECT DISTINCT ON (place) * FROM cursor_named ORDER BY place, newest DESC) s',
      'cursor_named',
    );
  });
});
