import { ensureCheckpointSchema } from '../../src/destination/checkpoint-schema';
import { lockInterval } from '../../src/destination/lock-interval';
import { createDatabase } from '../support/database';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* Tables that change, that are missing or that do not fit: nothing is lost in silence, and the message says what to do. */

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterAll(() => harness.stop());

async function table(name: string, settings: object = {}, columns = 'note text'): Promise<TestSync> {
  await harness.source.query(
    `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), ${columns});
     INSERT INTO ${name} (id) SELECT generate_series(1, 3)`,
  );
  return harness.configure({ tables: [{ name, cursor: 'at', ...settings }] });
}

it('a column added at the source is added at the destination', async () => {
  const sync = await table('grows');
  await sync.copy();
  await harness.source.query(
    `ALTER TABLE grows ADD COLUMN "new One" numeric(10, 2); INSERT INTO grows (id, "new One") VALUES (4, 1.5)`,
  );
  await sync.copy();
  await harness.expectEqual('grows');
});

it('so it is where the batch of a lost worker still holds the table', async () => {
  const sync = await table('held');
  await sync.copy();
  // As one in the middle of its COPY whose machine is gone without a word: its session stays as long as TCP lets it.
  const lost = await harness.destination.connect();
  const { rows } = await lost.query<Record<'sync' | 'epoch', string>>(
    `INSERT INTO tidemark.intervals (sync, "table", id, epoch, lower, upper, position)
     SELECT sync, "table", 1, epoch, '2026-01-01 00:00:00+00', planned, planned FROM tidemark.tables WHERE "table" = 'public.held'
     RETURNING sync, epoch`,
  );
  const interval = {
    sync: rows[0]?.sync ?? '',
    table: 'public.held',
    epoch: Number(rows[0]?.epoch),
    interval: 1,
  };
  await lost.query('BEGIN');
  await lockInterval(lost, { ...interval, patienceMs: 1_000 });
  await lost.query('LOCK TABLE held IN ROW EXCLUSIVE MODE');

  await harness.source.query(
    `ALTER TABLE held ADD COLUMN more int; INSERT INTO held (id, more) VALUES (4, 4)`,
  );
  await sync.copy();
  await harness.expectEqual('held');
  await expect(lost.query('COMMIT')).rejects.toThrow();
});

/** A run that makes its table and fails before the plan is stored, as by a crash between the two. */
async function failToPlan(sync: TestSync, name: string): Promise<{ type: string }> {
  const client = await harness.destination.connect();
  await ensureCheckpointSchema(client);
  await client.end();
  await harness.destination.query(
    `CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no plan'; END $$;
     CREATE TRIGGER crash BEFORE UPDATE ON tidemark.tables FOR EACH ROW WHEN (NEW."table" = 'public.${name}') EXECUTE FUNCTION crash()`,
  );
  const failure = await sync.fail();
  await harness.destination.query('DROP TRIGGER crash ON tidemark.tables; DROP FUNCTION crash');
  return failure;
}

it('a table that was made, and of which no plan was stored, is still its own', async () => {
  const sync = await table('begun');
  expect(await failToPlan(sync, 'begun')).toMatchObject({ type: 'ConstraintViolated' });
  expect((await harness.destination.query('SELECT FROM begun')).rowCount).toBe(0);
  await harness.source.query(
    `ALTER TABLE begun ADD COLUMN later text; INSERT INTO begun (id, later) VALUES (4, 'one more')`,
  );
  await sync.copy();
  await harness.expectEqual('begun');
  const { rows } = await harness.destination.query(
    `SELECT spec ->> 'createdHere' AS own, made FROM tidemark.tables WHERE "table" = 'public.begun'`,
  );
  expect(rows).toEqual([{ own: 'true', made: null }]);
});

it.each([
  ['was_dropped', 'DROP TABLE was_dropped'],
  ['was_renamed', 'ALTER TABLE was_renamed RENAME TO renamed'],
])('a table that stands in the place of one that was made is somebody else’s: it %s', async (name, gone) => {
  const sync = await table(name, { mode: 'replace' });
  await failToPlan(sync, name);
  await harness.destination.query(gone);
  const { rows } = await harness.source.query(`SELECT * FROM ${name}`);
  await harness.destination.query(`CREATE TABLE ${name} (id int, at timestamptz, note text)`);
  for (const { id, at } of rows)
    await harness.destination.query(`INSERT INTO ${name} (id, at) VALUES ($1, $2)`, [id, at]);
  await sync.copy();
  await harness.expectEqual(name);
});

it('a settle delay of a part of a millisecond fits an integer cursor column', async () => {
  await harness.source.query(
    `CREATE TABLE counted (id int PRIMARY KEY); INSERT INTO counted SELECT generate_series(1, 5)`,
  );
  const sync = await harness.configure({
    settleDelay: '0.5 ms',
    tables: [{ name: 'counted', cursor: 'id' }],
  });
  await sync.copy();
});

it('what the destination table has besides stays', async () => {
  const sync = await table('wider');
  await harness.destination.query(
    `CREATE TABLE wider (extra text DEFAULT 'kept', note varchar, at timestamptz, id bigint UNIQUE, doubled bigint GENERATED ALWAYS AS (id * 2) STORED)`,
  );
  await sync.copy();
  await harness.expectEqual('wider', `wider WHERE extra = 'kept' AND doubled = id * 2`, 'id, at, note');
});

it.each([
  ['has no column "note"', 'id int PRIMARY KEY, at timestamptz'],
  [
    'column "note" is numeric at the destination, and text is needed',
    'id int PRIMARY KEY, at timestamptz, note numeric',
  ],
  ['has no unique index on ("id")', 'id int, at timestamptz, note text'],
])('an existing table that %s is drift', async (what, columns) => {
  const name = `drift_${what.length}`;
  const sync = await table(name);
  await harness.destination.query(`CREATE TABLE ${name} (${columns})`);
  const { type, message } = await sync.fail();
  expect(type).toBe('Drift');
  expect(message).toContain(`"public"."${name}": `);
  expect(message).toContain(what);
});

it.each([
  [
    'at text',
    '',
    'the cursor column "at" is text at the destination, which does not order as timestamptz does',
  ],
  ['at timestamptz', 'types', 'the cursor column "at" is text at the destination'],
])(
  'a cursor column that orders otherwise at the destination is drift (%s%s)',
  async (column, types, what) => {
    const name = `orders_${types || 'existing'}`;
    const sync = await table(name, types ? { types: { at: 'text' } } : {});
    if (!types)
      await harness.destination.query(`CREATE TABLE ${name} (id int PRIMARY KEY, ${column}, note text)`);
    const { type, message } = await sync.fail();
    expect(type).toBe('Drift');
    expect(message).toContain(what);
  },
);

it('a key that may be NULL on both ends is drift: it would be inserted again by every run', async () => {
  for (const end of [harness.source, harness.destination]) {
    await end.query(`CREATE TABLE null_keys (a int, b int, at timestamptz, UNIQUE (a, b))`);
  }
  const sync = await harness.configure({ tables: [{ name: 'null_keys', cursor: 'at', key: ['a', 'b'] }] });
  const { type, message } = await sync.fail();
  expect(type).toBe('Drift');
  expect(message).toContain('the key column "a" may be NULL on both ends');
});

it('a key of a table that others inherit from is not taken for unique', async () => {
  await harness.source.query(`
    CREATE TABLE parents (id int PRIMARY KEY, at timestamptz, note text);
    CREATE TABLE children () INHERITS (parents);
    INSERT INTO parents VALUES (1, '2026-01-01', 'older');
    INSERT INTO children VALUES (1, '2026-01-02', 'newer')`);
  const sync = await harness.configure({ tables: [{ name: 'parents', cursor: 'at' }] });
  await sync.copy();
  const { rows } = await harness.destination.query('SELECT note FROM parents');
  expect(rows).toEqual([{ note: 'newer' }]);
});

it('a column that vanished at the destination is drift', async () => {
  const sync = await table('shrinks');
  await sync.copy();
  await harness.destination.query(`ALTER TABLE shrinks DROP COLUMN note`);
  expect(await sync.fail()).toMatchObject({
    type: 'Drift',
    message: expect.stringContaining('has no column "note"') as string,
  });
});

it('a table that the destination has lost is drift, not a new beginning', async () => {
  const sync = await table('lost');
  await sync.copy();
  await harness.destination.query(`DROP TABLE lost`);
  await harness.source.query(`INSERT INTO lost (id) VALUES (4)`);
  expect(await sync.fail()).toMatchObject({
    type: 'Drift',
    message: expect.stringMatching(/"lost": the destination has lost the table.*resync/) as string,
  });
});

it('a table that the source has lost is drift', async () => {
  const sync = await table('dropped');
  await sync.copy();
  await harness.source.query(`DROP TABLE dropped`);
  expect(await sync.fail()).toMatchObject({
    type: 'Drift',
    message: expect.stringContaining('the source has no such table') as string,
  });
  await harness.expectEqual('(VALUES (3)) n', '(SELECT count(*) FROM dropped) n');
});

it('another key, cursor column or mode than rows were copied by is drift', async () => {
  const first = await table('changes', {}, 'note text, also timestamptz DEFAULT now()');
  await first.copy();
  const config = {
    ...first.config,
    tables: first.config.tables.map((t) => ({ ...t, mode: 'append' as const })),
  };
  Object.assign(first.config, config);
  expect(await first.fail()).toMatchObject({
    type: 'Drift',
    message: expect.stringContaining('its mode and key changed') as string,
  });
});

it('another database at the source is drift: its rows lie below the watermark, and would be passed over', async () => {
  const sync = await table('moved');
  await sync.copy();
  const other = await createDatabase();
  await other.query(`CREATE TABLE moved (id int PRIMARY KEY, at timestamptz, note text)`);
  const elsewhere = await harness.configure({
    name: sync.name,
    source: { url: other.url },
    tables: [{ name: 'moved', cursor: 'at' }],
  });
  const { type, message } = await elsewhere.fail();
  expect(type).toBe('Drift');
  expect(message).toContain('the source is another database');
  // Closes its connections to the other database.
  await harness.configure({ name: sync.name, tables: [{ name: 'moved', cursor: 'at' }] });
  await other.drop();
});

it("an extension's type is found in whichever schema the destination has it", async () => {
  await harness.source.query('CREATE EXTENSION hstore');
  await harness.destination.query('CREATE SCHEMA extensions; CREATE EXTENSION hstore SCHEMA extensions');
  const sync = await table('labelled', {}, `note public.hstore DEFAULT 'a=>1'`);
  await sync.copy();
  await harness.source.query(`INSERT INTO labelled (id) VALUES (4)`);
  expect(await sync.copy()).toMatchObject({ rows: 1 });
  await harness.expectEqual('labelled', 'labelled', 'id, at, note::text');
});

it('a type that the destination has not is named', async () => {
  const sync = await table('odd_type', { types: { note: 'nosuchtype' } });
  const { type, message } = await sync.fail();
  expect(type).toBe('Configuration');
  expect(message).toContain('gives note the type nosuchtype, which the destination has not');
});

it('a column that was added says that rows copied before have it empty', async () => {
  const sync = await table('included', { exclude: ['note'] });
  await sync.copy();
  const all = await harness.configure({ name: sync.name, tables: [{ name: 'included', cursor: 'at' }] });
  const { warnings } = await all.copy();
  expect(warnings.join()).toContain(
    'column note was added at the destination; rows copied before have it empty',
  );
});

it('a failing table leaves the others running', async () => {
  await table('bystander_a');
  await table('bystander_b');
  const sync = await harness.configure({
    defaults: { cursor: 'at' },
    tables: ['bystander_a', 'no_such_table', 'bystander_b'],
  });
  const summary = await sync.run();
  expect(summary.ok).toBe(false);
  expect(summary.tables.map(({ state }) => state)).toEqual(['completed', 'failed', 'completed']);
  expect(summary.tables[1]?.error).toMatchObject({
    type: 'Configuration',
    message: expect.stringContaining('the source has no such table') as string,
  });
  await harness.expectEqual('bystander_a');
  await harness.expectEqual('bystander_b');
});

it('a table without rows is made at the destination, and its first row is copied later', async () => {
  const sync = await table('bare');
  await harness.source.query(`TRUNCATE bare`);
  expect(await sync.copy()).toMatchObject({ rows: 0 });
  await harness.source.query(`INSERT INTO bare (id) VALUES (1)`);
  expect(await sync.copy()).toMatchObject({ rows: 1 });
  await harness.expectEqual('bare');
});

it('a view needs a key in mode upsert, and is replaced without one', async () => {
  await table('viewed');
  await harness.source.query(`CREATE VIEW seen AS SELECT * FROM viewed`);
  const views = (settings: object) =>
    harness.configure({ tables: [{ name: 'seen', cursor: 'at', ...settings }] });
  expect(await (await views({ mode: 'upsert' })).fail()).toMatchObject({
    type: 'Configuration',
    message: expect.stringMatching(/the view has no primary key.*key: \[/) as string,
  });
  await (await views({})).copy();
  await harness.expectEqual('viewed', 'seen');
});

it.each([
  ['no_such', `has no column no_such. Its columns are id, at, note`],
  ['note', 'is of type text. Choose a column of one of the types timestamptz'],
])('the cursor column %s is refused', async (cursor, message) => {
  const name = `cursor_${cursor}`;
  await table(name);
  const sync = await harness.configure({ tables: [{ name, cursor }] });
  expect(await sync.fail()).toMatchObject({
    type: 'Configuration',
    message: expect.stringContaining(message) as string,
  });
});

it('a value that does not fit is reported by table, column and interval, never by itself', async () => {
  const sync = await table('narrow', { types: { note: 'integer' } });
  await harness.source.query(`UPDATE narrow SET note = 'canary-5021' WHERE id = 2`);
  const { type, message } = await sync.fail();
  expect(type).toBe('ValueDoesNotFit');
  expect(message).toMatch(/table public\.narrow, column note, interval \[1990-01-01 00:00:00\+00, .*\): /);
  expect(message).not.toContain('canary');
  await harness.expectEqual('(VALUES (0)) n', '(SELECT count(*) FROM narrow) n');
});

describe('roles', () => {
  const role = 'tidemark_schema_test';
  beforeAll(async () => {
    await harness.destination.query(`CREATE ROLE ${role} LOGIN PASSWORD 'canary-password'`);
  });
  afterAll(async () => {
    await harness.destination.query(`DROP OWNED BY ${role}`);
    await harness.destination.query(`DROP ROLE ${role}`);
  });
  const urlOf = (url: string) => url.replace(/\/\/[^@]*@/, `//${role}:canary-password@`);

  it('without a grant at the source', async () => {
    await table('secret');
    const sync = await harness.configure({
      source: { url: urlOf(harness.source.url) },
      tables: [{ name: 'secret', cursor: 'at' }],
    });
    const { type, message } = await sync.fail();
    expect(type).toBe('PermissionDenied');
    expect(message).toMatch(/^source .* as tidemark_schema_test, table public\.secret: .*tidemark check/);
    expect(message).not.toContain('canary');
  });

  it('without a grant at the destination', async () => {
    await table('unwelcome');
    const sync = await harness.configure({
      destination: { url: urlOf(harness.destination.url) },
      tables: [{ name: 'unwelcome', cursor: 'at' }],
    });
    const { type, message } = await sync.fail();
    expect(type).toBe('PermissionDenied');
    expect(message).toMatch(/^destination .* as tidemark_schema_test/);
  });

  it('a destination that is read-only', async () => {
    await table('written');
    const database = new URL(harness.destination.url).pathname.slice(1);
    await harness.destination.query(
      `ALTER ROLE ${role} SUPERUSER; ALTER ROLE ${role} IN DATABASE ${database} SET default_transaction_read_only = on`,
    );
    const sync = await harness.configure({
      destination: { url: urlOf(harness.destination.url) },
      tables: [{ name: 'written', cursor: 'at' }],
    });
    const { type, message } = await sync.fail();
    expect(type).toBe('ReadOnly');
    expect(message).toContain('the database takes no writes');
  });
});

it.each([
  ['quotes, dots, spaces and emoji', 'Odd ".* 🌊 \\ name', `%s $1 it's; --`],
  ['63 bytes', 'ü'.repeat(31) + 'x', 'y'.repeat(63)],
])('names with %s', async (_what, name, column) => {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  await harness.source.query(
    `CREATE SCHEMA ${quoted(name)};
     CREATE TABLE ${quoted(name)}.${quoted(name)} (${quoted(column)} timestamptz, ${quoted(name)} int PRIMARY KEY);
     INSERT INTO ${quoted(name)}.${quoted(name)} SELECT now(), generate_series(1, 10)`,
  );
  const written = `${quoted(name)}.${quoted(name)}`;
  const sync = await harness.configure({
    tables: [{ name: written, cursor: quoted(column), batch: { rows: 3 }, lookback: '1 hour' }],
  });
  await sync.copy();
  await sync.copy();
  await harness.expectEqual(written);
});
