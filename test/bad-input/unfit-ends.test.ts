import type { Finding } from '../../src/commands/finding';
import type { Config } from '../../src/config/config';
import { IdentifierError } from '../../src/postgres/identifiers';
import { checkEnds } from '../support/check-ends';
import type { TestDatabase } from '../support/database';
import {
  startSyncHarness,
  type SyncHarness,
  type SyncSettings,
  type TestSync,
} from '../support/sync-harness';

/* Ends that will not do, or that stop doing in the middle of a run: what they are is said, and no row is lost by it. */

let harness: SyncHarness;
let tables = 0;
const roles: { end: TestDatabase; role: string }[] = [];
const syncs: string[] = [];
const PASSWORD = 'choose a long one';
beforeAll(async () => (harness = await startSyncHarness()));

const columns = 'id int PRIMARY KEY, at timestamptz NOT NULL, note text, size bigint DEFAULT 4711';

/** A table of ten rows at the source, named apart from all others. */
async function filled(definition = `CREATE TABLE $table (${columns})`): Promise<string> {
  const name = `unfit_${(tables += 1)}`;
  await harness.source.query(
    `${definition.replaceAll('$table', name)};
     INSERT INTO ${name} (id, at, note) SELECT i, '2026-01-01'::timestamptz + i * interval '1 hour', 'n' || i FROM generate_series(1, 10) i`,
  );
  return name;
}

async function sync(
  name: string,
  table: object = {},
  settings: Partial<SyncSettings> = {},
): Promise<TestSync> {
  const configured = await harness.configure({
    tables: [{ name, cursor: 'at', batch: { rows: 2 }, ...table }],
    ...settings,
  });
  syncs.push(configured.name);
  return configured;
}

/** A role that may do just this; $role and $db in it are replaced by `within`. */
async function createRole(end: TestDatabase, grants: string) {
  const { database } = end.endpoint;
  const role = `role_${roles.length}_${database}`;
  const within = (statements: string): string =>
    statements.replaceAll('$role', role).replaceAll('$db', database);
  await end.query(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'; ${within(grants)}`);
  roles.push({ end, role });
  const url = new URL(end.url);
  url.username = role;
  url.password = PASSWORD;
  return { url: url.href, within };
}

afterEach(async () => {
  harness.onMoment = undefined;
  // Closes the sessions of its roles.
  for (const name of syncs.splice(0))
    await harness.configure({ name, tables: [{ name: 'none', cursor: 'at' }] });
  await harness.destination.query('DROP SCHEMA IF EXISTS tidemark CASCADE');
  for (const { end, role } of roles) await end.query(`DROP OWNED BY ${role}`);
});
afterAll(async () => {
  for (const { end, role } of roles) await end.query(`DROP ROLE ${role}`);
  await harness.stop();
});

/** What `check` finds wrong, without what it says of Temporal. */
async function check(config: Config): Promise<Finding[]> {
  return (await checkEnds(config)).filter(({ level }) => level === 'error');
}

describe('a table at the destination', () => {
  it.each([
    [
      'that is a view',
      `CREATE TABLE $table_base (${columns}); CREATE VIEW $table AS SELECT * FROM $table_base`,
      'it is a view',
    ],
    [
      'that is a materialized view',
      `CREATE MATERIALIZED VIEW $table AS SELECT 1 AS id`,
      'it is a materialized view',
    ],
    [
      'that is foreign',
      `CREATE EXTENSION IF NOT EXISTS file_fdw; CREATE SERVER $table FOREIGN DATA WRAPPER file_fdw;
       CREATE FOREIGN TABLE $table (id int, at timestamptz, note text) SERVER $table OPTIONS (filename '/dev/null')`,
      'it is a foreign table',
    ],
    ['that a crash empties', `CREATE UNLOGGED TABLE $table (${columns})`, 'is UNLOGGED at the destination'],
    [
      'with a partition that a crash empties',
      `CREATE TABLE $table (${columns.replace(' PRIMARY KEY', '')}) PARTITION BY RANGE (at);
       CREATE UNLOGGED TABLE $table_part PARTITION OF $table DEFAULT; CREATE UNIQUE INDEX ON $table (id, at)`,
      '_part" is UNLOGGED at the destination',
    ],
    [
      'with a partition that is foreign',
      `CREATE EXTENSION IF NOT EXISTS file_fdw; CREATE SERVER $table FOREIGN DATA WRAPPER file_fdw;
       CREATE TABLE $table (${columns.replace(' PRIMARY KEY', '')}) PARTITION BY LIST (id);
       CREATE FOREIGN TABLE $table_part PARTITION OF $table FOR VALUES IN (1) SERVER $table OPTIONS (filename '/dev/null')`,
      '_part" is a foreign table at the destination',
    ],
    [
      'that others inherit from',
      `CREATE TABLE $table (${columns}); CREATE TABLE $table_child () INHERITS ($table)`,
      'other tables inherit from it',
    ],
    [
      'with a rule',
      `CREATE TABLE $table (${columns}); CREATE RULE keeps AS ON DELETE TO $table DO INSTEAD NOTHING`,
      'its rule keeps at the destination',
    ],
  ])('%s is drift', async (_what, definition, says) => {
    const name = await filled();
    await harness.destination.query(definition.replaceAll('$table', name));
    const drifts = await sync(name);
    const { type, message } = await drifts.fail();
    expect({ type, message }).toEqual({ type: 'Drift', message: expect.stringContaining(says) as string });
    const [finding] = await check(drifts.config);
    expect(finding).toMatchObject({ kind: 'drift', what: expect.stringContaining(says) as string });
  });

  it.each([
    [
      'whose rows others follow, in mode replace',
      { mode: 'replace' },
      `CREATE TABLE $table (${columns}); CREATE TABLE $table_note (id int REFERENCES $table ON DELETE CASCADE)`,
      'foreign key unfit_',
    ],
    [
      'whose rows others follow, in mode append',
      { mode: 'append' },
      `CREATE TABLE $table (${columns}); CREATE TABLE $table_note (id int REFERENCES $table ON DELETE SET NULL)`,
      'mode append deletes rows to write them again',
    ],
    [
      'that others inherit from, in mode replace',
      { mode: 'replace' },
      `CREATE TABLE $table (${columns}); CREATE TABLE $table_child () INHERITS ($table)`,
      'other tables inherit from it',
    ],
    [
      'that makes up the key itself',
      {},
      `CREATE TABLE $table (at timestamptz, note text, size bigint, id int GENERATED ALWAYS AS (size) STORED PRIMARY KEY)`,
      'column "id", which is generated at the destination',
    ],
    [
      'that gives numbers of its own',
      {},
      `CREATE TABLE $table (id int PRIMARY KEY, at timestamptz, note text, size bigint GENERATED ALWAYS AS IDENTITY)`,
      'column "size" is GENERATED ALWAYS AS IDENTITY',
    ],
  ])('%s is drift', async (_what, table, definition, says) => {
    const name = await filled();
    await harness.destination.query(definition.replaceAll('$table', name));
    const drifts = await sync(name, table);
    const what = expect.stringContaining(says) as string;
    expect(await drifts.fail()).toEqual({ type: 'Drift', message: what });
    expect(await check(drifts.config)).toMatchObject([{ kind: 'drift', what }]);
  });

  it('whose rows others follow is one as any where none is deleted', async () => {
    const name = await filled();
    await harness.destination.query(
      `CREATE TABLE ${name} (${columns}); CREATE TABLE ${name}_note (id int REFERENCES ${name} ON DELETE CASCADE)`,
    );
    await (await sync(name)).copy();
    await harness.expectEqual(name);
  });

  it.each([
    ['a key', { types: { at: 'timestamptz(0)' }, key: ['id', 'at'] }, 'column "at", and timestamp(0) with'],
    ['a cursor', { types: { at: 'timestamptz(0)' }, mode: 'replace' }, 'column "at", and timestamp(0) with'],
    ['a key that is a number', { types: { id: 'real' } }, 'column "id", and real does not keep'],
  ])('whose type, as chosen, takes two values of %s for one is drift', async (_what, table, says) => {
    const drifts = await sync(await filled(), table);
    const what = expect.stringContaining(says) as string;
    expect(await drifts.fail()).toEqual({ type: 'Drift', message: what });
  });

  it('whose type, as chosen, keeps every value of a key is one as any', async () => {
    const name = await filled();
    await (await sync(name, { types: { id: 'text', size: 'real' } })).copy();
    await harness.expectEqual(name, name, 'id::text, at, note');
  });

  it('with a rule that is disabled is one as any', async () => {
    const name = await filled();
    await harness.destination.query(
      `CREATE TABLE ${name} (${columns}); CREATE RULE keeps AS ON INSERT TO ${name} DO INSTEAD NOTHING;
       ALTER TABLE ${name} DISABLE RULE keeps`,
    );
    await (await sync(name)).copy();
    await harness.expectEqual(name);
  });

  it('whose key takes two texts for one is drift', async () => {
    await harness.source.query(
      `CREATE TABLE folded (id text PRIMARY KEY, at timestamptz NOT NULL); INSERT INTO folded VALUES ('a', now()), ('A', now())`,
    );
    await harness.destination.query(
      `CREATE COLLATION folds (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       CREATE TABLE folded (id text COLLATE folds PRIMARY KEY, at timestamptz)`,
    );
    const drifts = await sync('folded');
    const says = expect.stringContaining('takes different texts for one') as string;
    expect(await drifts.fail()).toEqual({ type: 'Drift', message: says });
    expect(await check(drifts.config)).toMatchObject([{ kind: 'drift', what: says }]);
  });

  it('that lacks a partition says so', async () => {
    const name = await filled();
    await harness.destination.query(
      `CREATE TABLE ${name} (${columns}) PARTITION BY RANGE (id); CREATE TABLE ${name}_part PARTITION OF ${name} FOR VALUES FROM (1) TO (5)`,
    );
    expect(await (await sync(name)).fail()).toEqual({
      type: 'ConstraintViolated',
      message: expect.stringMatching(/no partition is there for a row \(23514\)\. Add one/) as string,
    });
  });

  it('that is the source itself, by another name of its server, is refused', async () => {
    const name = await filled();
    const url = harness.source.url.replace('127.0.0.1', 'localhost');
    const itself = await sync(name, { mode: 'append' }, { destination: { url } });
    expect(await itself.fail()).toEqual({
      type: 'Configuration',
      message: expect.stringContaining('the table would be copied into itself') as string,
    });
    expect((await harness.source.query(`SELECT FROM ${name}`)).rowCount).toBe(10);
    await harness.source.query('DROP SCHEMA tidemark CASCADE');
  });

  it('to which this role may not add a column that is new at the source is drift', async () => {
    const name = await filled();
    await harness.destination.query(`CREATE TABLE ${name} (${columns})`);
    const role = await createRole(
      harness.destination,
      `GRANT CREATE, TEMPORARY ON DATABASE $db TO $role; GRANT SELECT, INSERT, UPDATE ON ${name} TO $role`,
    );
    const grows = await sync(name, {}, { destination: { url: role.url } });
    await grows.copy();
    await harness.source.query(`ALTER TABLE ${name} ADD COLUMN later int`);
    const { type, message } = await grows.fail();
    expect(type).toBe('Drift');
    await harness.destination.query(/As its owner: (ALTER TABLE [^;]*;)/.exec(message)?.[1] ?? '');
    await grows.copy();
    await harness.expectEqual(name);
  });

  it('whose checkpoints are of an earlier version, and another role’s, is drift', async () => {
    const name = await filled();
    await harness.destination.query(`CREATE TABLE ${name} (${columns})`);
    await (await sync(name)).copy();
    await harness.destination.query('ALTER TABLE tidemark.tables DROP COLUMN plan_attempt');
    const role = await createRole(
      harness.destination,
      `GRANT TEMPORARY ON DATABASE $db TO $role; GRANT SELECT, INSERT, UPDATE ON ${name} TO $role;
       GRANT USAGE ON SCHEMA tidemark TO $role; GRANT ALL ON ALL TABLES IN SCHEMA tidemark TO $role`,
    );
    const other = await sync(name, {}, { destination: { url: role.url } });
    const says = expect.stringMatching(
      /of an earlier version of Tidemark, and only their owner, .*/,
    ) as string;
    expect(await other.fail()).toMatchObject({ type: 'Drift', message: says });
    expect(await check(other.config)).toMatchObject([{ kind: 'drift', what: says }]);
  });

  it.each([
    ['intervals', 'SET UNLOGGED', /its table intervals is UNLOGGED/],
    ['tables', 'ENABLE ROW LEVEL SECURITY', /row-level security hides rows of its table tables/],
  ])(
    'whose checkpoints in %s may be lost (%s) is drift, and nothing is copied again',
    async (kept, change, says) => {
      const name = await filled();
      const role = await createRole(
        harness.destination,
        'GRANT CREATE ON DATABASE $db TO $role; GRANT ALL ON SCHEMA public TO $role',
      );
      const copied = await sync(name, { mode: 'append' }, { destination: { url: role.url } });
      await copied.copy();
      await harness.destination.query(
        role.within(`ALTER TABLE tidemark.${kept} ${change}; ALTER TABLE tidemark.${kept} OWNER TO CURRENT_USER;
        GRANT ALL ON tidemark.${kept} TO $role`),
      );
      const what = expect.stringMatching(says) as string;
      expect(await copied.fail()).toMatchObject({ type: 'Drift', message: what });
      expect(await check(copied.config)).toMatchObject([{ kind: 'drift', what }]);
      await harness.expectEqual(name);
    },
  );

  it('with a trigger that drops rows is warned of, and verify finds them', async () => {
    const name = await filled();
    await harness.destination.query(
      `CREATE TABLE ${name} (${columns});
       CREATE FUNCTION drops() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN NEW.id < 9 THEN NEW END; END $$;
       CREATE TRIGGER "drops some" BEFORE INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION drops();
       CREATE TRIGGER says AFTER INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION drops()`,
    );
    const dropping = await sync(name);
    const warned = (await checkEnds(dropping.config)).filter(({ what }) => what.includes('by its trigger'));
    expect(warned).toMatchObject([
      { level: 'warning', what: expect.stringMatching(/by its trigger "drops some"$/) as string },
    ]);
    await dropping.copy();
    expect(await dropping.reconcile({ repair: false })).toMatchObject({ missing: 2 });
  });

  it('whose rows are hidden by row-level security is drift, until the role may see them', async () => {
    const name = await filled();
    await harness.destination.query(
      `CREATE TABLE ${name} (${columns}); ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;
       CREATE POLICY higher ON ${name} USING (id > 5) WITH CHECK (true)`,
    );
    const role = await createRole(
      harness.destination,
      `GRANT CREATE ON DATABASE $db TO $role; GRANT ALL ON ${name} TO $role`,
    );
    const hidden = await sync(name, { mode: 'replace' }, { destination: { url: role.url } });
    expect(await hidden.fail()).toEqual({
      type: 'Drift',
      message: expect.stringMatching(/row-level security.*BYPASSRLS/) as string,
    });
    await harness.destination.query(role.within('ALTER ROLE $role BYPASSRLS'));
    await hidden.copy();
    await harness.expectEqual(name);
  });
});

it.each([
  `tables SET spec = '{}'`,
  `tables SET planned = 'canary', watermark = 'canary'`,
  `tables SET rewrite_below = 'canary'`,
  `intervals SET position = 'canary'`,
])('a checkpoint that somebody edited is drift, and comes to nothing (%s)', async (edit) => {
  const name = await filled();
  const edited = await sync(name);
  harness.onMoment = (moment) => {
    if (moment === 'before-begin') throw new IdentifierError('stop here');
  };
  await edited.fail();
  harness.onMoment = undefined;
  await harness.destination.query(`UPDATE tidemark.${edit}`);
  const { type, message } = await edited.fail();
  expect(type).toBe('Drift');
  expect(message).toMatch(/a checkpoint there is not as Tidemark writes it.*Restore/);
  expect(message).not.toContain('canary');
  expect((await harness.destination.query(`SELECT FROM ${name}`)).rowCount).toBe(0);
});

describe('a table at the source', () => {
  it.each([
    ['unlogged', `CREATE UNLOGGED TABLE $table (${columns})`],
    [
      'with generated columns',
      `CREATE TABLE $table (${columns}, twice int GENERATED ALWAYS AS (id * 2) STORED, own int GENERATED ALWAYS AS IDENTITY)`,
    ],
    [
      'with columns that were dropped',
      `CREATE TABLE $table (gone text, ${columns}, also text); ALTER TABLE $table DROP COLUMN gone; ALTER TABLE $table DROP COLUMN also; ALTER TABLE $table ADD COLUMN also int DEFAULT 7`,
    ],
  ])('%s is copied as any', async (_what, definition) => {
    for (const mode of ['upsert', 'replace', 'append']) {
      const name = await filled(definition);
      await (await sync(name, { mode })).copy();
      await harness.expectEqual(name);
      const { rows } = await harness.destination.query(
        `SELECT relpersistence AS kept FROM pg_class WHERE relname = $1`,
        [name],
      );
      expect(rows).toEqual([{ kept: 'p' }]);
    }
  });

  it('that is foreign is copied as one without a key', async () => {
    const name = await filled();
    const { host, port, database, username, password } = harness.source.endpoint;
    await harness.source.query(
      `CREATE EXTENSION IF NOT EXISTS postgres_fdw;
       CREATE SERVER self FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${host}', port '${port}', dbname '${database}');
       CREATE USER MAPPING FOR CURRENT_USER SERVER self OPTIONS (user '${username}', password '${password}');
       CREATE FOREIGN TABLE far (id int, at timestamptz, note text) SERVER self OPTIONS (table_name '${name}')`,
    );
    await (await sync('far')).copy();
    await harness.expectEqual('far');
    await harness.source.query(`INSERT INTO ${name} VALUES (11, '2026-01-02', 'later')`);
    expect((await (await sync('far', { key: ['id'], target: 'far_keyed' })).copy()).rows).toBe(11);
    await harness.expectEqual('far', 'far_keyed');
  });

  it('that is temporary belongs to its session alone', async () => {
    await harness.source.query(`CREATE TEMPORARY TABLE passing (${columns})`);
    const { type, message } = await (await sync('passing')).fail();
    expect(type).toBe('Configuration');
    expect(message).toContain('the source has no such table');
  });

  it('whose rows are hidden by row-level security is copied as far as it is seen, and every run says so', async () => {
    const name = await filled();
    await harness.source.query(
      `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY; CREATE POLICY higher ON ${name} USING (id > 5)`,
    );
    const role = await createRole(harness.source, `GRANT SELECT ON ${name} TO $role`);
    const filtered = await sync(name, {}, { source: { url: role.url } });
    for (let run = 0; run < 2; run++) {
      const { warnings } = await filtered.copy();
      expect(warnings.join()).toContain('row-level security at the source may hide rows');
    }
    await harness.expectEqual(`(SELECT * FROM ${name} WHERE id > 5) seen`, name);
  });
});

describe('in the middle of a run', () => {
  interface Breaking {
    end: 'source' | 'destination';
    /** What happens there once a batch is committed. $table, $role (who works there) and $db are replaced. */
    breaks: string;
    mends: string;
    type: string;
    says: RegExp;
  }
  const denied = {
    type: 'PermissionDenied',
    says: /the role lacks a privilege \(42501\)\. Run `tidemark check`/,
  };
  const leave = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '$role'`;
  const cases: Breaking[] = [
    {
      end: 'source',
      breaks: 'REVOKE SELECT ON $table FROM $role',
      mends: 'GRANT SELECT ON $table TO $role',
      ...denied,
    },
    {
      ...{ end: 'source', ...denied },
      breaks: 'REVOKE SELECT ON $table FROM $role; GRANT SELECT (id, at) ON $table TO $role',
      mends: 'GRANT SELECT ON $table TO $role',
    },
    {
      ...{ end: 'source', ...denied },
      breaks: 'REVOKE USAGE ON SCHEMA public FROM PUBLIC',
      mends: 'GRANT USAGE ON SCHEMA public TO PUBLIC',
    },
    {
      ...{ end: 'source', type: 'MissingObject', says: /a column is missing \(42703\)/ },
      breaks: 'ALTER TABLE $table RENAME note TO noted',
      mends: 'ALTER TABLE $table RENAME noted TO note',
    },
    {
      ...{ end: 'source', type: 'AuthenticationFailed', says: /the server refuses this user \(28000\)/ },
      breaks: `ALTER ROLE $role NOLOGIN; ${leave}`,
      mends: 'ALTER ROLE $role LOGIN',
    },
    {
      end: 'destination',
      breaks: 'REVOKE INSERT ON $table FROM $role',
      mends: 'GRANT INSERT ON $table TO $role',
      ...denied,
    },
    {
      ...{ end: 'destination', ...denied },
      breaks: 'REVOKE UPDATE ON tidemark.intervals FROM $role',
      mends: 'GRANT UPDATE ON tidemark.intervals TO $role',
    },
    {
      ...{ end: 'destination', ...denied },
      breaks: 'REVOKE UPDATE ON tidemark.tables FROM $role',
      mends: 'GRANT UPDATE ON tidemark.tables TO $role',
    },
    {
      ...{ end: 'destination', ...denied },
      breaks: 'REVOKE ALL ON SCHEMA tidemark FROM $role',
      mends: 'GRANT ALL ON SCHEMA tidemark TO $role',
    },
    ...(['source', 'destination'] as const).map((end) => ({
      ...{
        end,
        type: 'Drift',
        says: /changed its type while rows were copied: from bigint to double precision/,
      },
      breaks: 'ALTER TABLE $table ALTER size TYPE double precision',
      mends: 'ALTER TABLE $table ALTER size TYPE bigint',
    })),
    {
      ...{ end: 'destination', type: 'ReadOnly', says: /the database takes no writes \(25006\)/ },
      breaks: `ALTER DATABASE $db SET default_transaction_read_only = on; ${leave}`,
      mends: `SET default_transaction_read_only = off; ALTER DATABASE $db RESET default_transaction_read_only; ${leave}`,
    },
    {
      ...{ end: 'destination', type: 'MissingObject', says: /a column is missing \(42703\)/ },
      breaks: 'ALTER TABLE $table RENAME note TO noted',
      mends: 'ALTER TABLE $table RENAME noted TO note',
    },
    {
      ...{
        end: 'destination',
        type: 'ConstraintViolated',
        says: /constraint few.*: a row breaks a check \(23514\)/,
      },
      breaks: 'ALTER TABLE $table ADD CONSTRAINT few CHECK (id < 5)',
      mends: 'ALTER TABLE $table DROP CONSTRAINT few',
    },
    {
      ...{
        end: 'destination',
        type: 'MissingObject',
        says: /no unique index is there for the key \(42P10\)/,
      },
      breaks: 'ALTER TABLE $table DROP CONSTRAINT $table_pkey',
      mends: 'ALTER TABLE $table ADD PRIMARY KEY (id)',
    },
  ];

  it.each(cases)('at the $end: $breaks', async ({ end, breaks, mends, type, says }) => {
    const name = await filled();
    await harness.destination.query(`CREATE TABLE ${name} (${columns})`);
    const reader = await createRole(harness.source, `GRANT SELECT ON ${name} TO $role`);
    const writer = await createRole(
      harness.destination,
      `GRANT CREATE, TEMPORARY ON DATABASE $db TO $role; GRANT SELECT, INSERT, UPDATE ON ${name} TO $role`,
    );
    const role = end === 'source' ? reader : writer;
    const run = (statements: string): Promise<unknown> =>
      harness[end].query(role.within(statements).replaceAll('$table', name));
    const urls = { source: { url: reader.url }, destination: { url: writer.url } };
    const broken = await sync(name, {}, { ...urls, parallelism: { tables: 1, intervals: 1 } });
    let committed = 0;
    harness.onMoment = async (moment) => {
      if (moment === 'committed' && (committed += 1) === 1) await run(breaks);
    };
    expect(await broken.fail()).toEqual({ type, message: expect.stringMatching(says) as string });
    harness.onMoment = undefined;
    await run(mends);
    const { rows } = await broken.copy();
    await harness.expectEqual(name);
    // What was committed before is not copied again.
    expect(rows).toBeLessThan(10);
  });
});

describe('a source without an encoding (SQL_ASCII)', () => {
  const name = (): string => `${harness.source.endpoint.database}_ascii`;
  beforeAll(() =>
    harness.source.query(`CREATE DATABASE ${name()} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`),
  );
  afterAll(() => harness.source.query(`DROP DATABASE ${name()} WITH (FORCE)`));

  it.each(['upsert', 'replace', 'append'])(
    '%s copies what is UTF-8, and says so of what is not',
    async (mode) => {
      const url = harness.source.url.replace(/[^/]*$/, name());
      const client = await harness.source.connect({ database: name() });
      const table = `bytes_${mode}`;
      await client.query(
        `CREATE TABLE ${table} (${columns});
       INSERT INTO ${table} VALUES (1, '2026-01-01', 'Größe 🌊'), (2, '2026-01-02', convert_from('\\x47f6', 'SQL_ASCII'))`,
      );
      const only = await sync(table, { mode, batch: { rows: 1 } }, { source: { url } });
      expect(await only.fail()).toEqual({
        type: 'ValueDoesNotFit',
        message: expect.stringMatching(/a character has no place in the encoding \(22021\)/) as string,
      });
      const kept = async () =>
        (await harness.destination.query(`SELECT id, note FROM ${table} ORDER BY id`)).rows;
      expect(await kept()).toEqual([{ id: '1', note: 'Größe 🌊' }]);
      await client.query(`UPDATE ${table} SET note = 'Gö' WHERE id = 2`);
      await client.end();
      await only.copy();
      expect(await kept()).toEqual([
        { id: '1', note: 'Größe 🌊' },
        { id: '2', note: 'Gö' },
      ]);
    },
  );
});
