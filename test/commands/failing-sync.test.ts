import { createDatabase } from '../support/database';
import { startSyncHarness, type SyncHarness, type SyncSettings } from '../support/sync-harness';
import { temporalAddress } from '../support/temporal';
import { type CliResult, expectNoLeak, runCli } from './cli';

/** What the command line says of runs that fail, and with which exit code. */
let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

async function configure(tables: unknown[], settings: Partial<SyncSettings> = {}): Promise<string> {
  const { address, taskQueue } = { address: temporalAddress(), taskQueue: harness.taskQueue };
  const { config } = await harness.configure({ tables, temporal: { address, taskQueue }, ...settings });
  return config.file;
}

/** Runs a command and checks what holds for all of them. */
async function run(args: string[]): Promise<CliResult> {
  const result = await runCli(args, { folder: harness.folder });
  expectNoLeak(result, ['secret']);
  return result;
}

interface Case {
  source?: string;
  destination?: string;
  tables: unknown[];
  code: number;
  says: RegExp[];
}

const cases: Record<string, Case> = {
  'an unknown table': {
    tables: ['nowhere'],
    code: 3,
    says: [/public\.nowhere failed: the source has no such table/, /Correct its name/],
  },
  'an unknown column': {
    source: 'CREATE TABLE a1 (id int PRIMARY KEY, at timestamptz)',
    tables: [{ name: 'a1', cursor: 'att' }],
    code: 3,
    says: [/a1 failed: the source's table has no column att/, /Its columns are id, at/],
  },
  'a cursor column of a wrong type': {
    source: 'CREATE TABLE a2 (id int PRIMARY KEY, at text)',
    tables: [{ name: 'a2', cursor: 'at' }],
    code: 3,
    says: [
      /a2 failed: the cursor column at is of type text/,
      /Choose a column of one of the types timestamptz/,
    ],
  },
  'a view without a key in upsert mode': {
    source: 'CREATE TABLE a3 (id int, at timestamptz); CREATE VIEW v3 AS SELECT * FROM a3',
    tables: [{ name: 'v3', cursor: 'at', mode: 'upsert' }],
    code: 3,
    says: [/v3 failed: the view has no primary key/, /Give its key/],
  },
  'a destination without a column': {
    source: `CREATE TABLE a4 (id int PRIMARY KEY, at timestamptz); INSERT INTO a4 VALUES (1, '2026-01-01')`,
    destination: 'CREATE TABLE a4 (id int PRIMARY KEY)',
    tables: [{ name: 'a4', cursor: 'at' }],
    code: 6,
    says: [/a4 failed: .*the destination has no column "at"/, /ALTER TABLE/],
  },
  'a destination column of another type': {
    source: `CREATE TABLE a5 (id int PRIMARY KEY, at timestamptz); INSERT INTO a5 VALUES (1, '2026-01-01')`,
    destination: 'CREATE TABLE a5 (id int PRIMARY KEY, at date)',
    tables: [{ name: 'a5', cursor: 'at' }],
    code: 6,
    says: [/column "at" is date at the destination/, /Change it there/],
  },
  'a value that does not fit': {
    source: `CREATE TABLE a6 (id int PRIMARY KEY, at timestamptz, note text);
             INSERT INTO a6 VALUES (1, '2026-01-01', 'secret')`,
    tables: [{ name: 'a6', cursor: 'at', types: { note: 'integer' } }],
    code: 5,
    says: [/table public\.a6/, /interval \[/, /a6 failed/],
  },
  'one table of two that fails': {
    source: `CREATE TABLE a7 (id int PRIMARY KEY, at timestamptz); INSERT INTO a7 VALUES (1, '2026-01-01')`,
    tables: [{ name: 'a7', cursor: 'at' }, 'nowhere'],
    code: 5,
    says: [/public\.nowhere failed/, /public\.a7 .*completed/],
  },
};

it.each(Object.entries(cases))('%s', async (_, { source, destination, tables, code, says }) => {
  if (source !== undefined) await harness.source.query(source);
  if (destination !== undefined) await harness.destination.query(destination);
  const file = await configure(tables);
  const result = await run(['sync', '-c', file]);
  for (const pattern of says) expect(result.stdout + result.stderr).toMatch(pattern);
  expect(result.code).toBe(code);
});

it('a table dropped between runs', async () => {
  await harness.source.query(
    `CREATE TABLE b1 (id int PRIMARY KEY, at timestamptz); INSERT INTO b1 VALUES (1, '2026-01-01')`,
  );
  const file = await configure([{ name: 'b1', cursor: 'at' }]);
  expect(await run(['sync', '-c', file])).toMatchObject({ code: 0 });
  await harness.source.query('DROP TABLE b1');
  const result = await run(['sync', '-c', file, '--json']);
  expect(result.code).toBe(6);
  const summary = JSON.parse(result.stdout) as object;
  expect(summary).toMatchObject({
    ok: false,
    tables: [{ table: 'public.b1', state: 'failed' }],
    error: { exitCode: 6 },
  });
  expect(result.stdout).toMatch(/the source has no such table.*though it was copied up to/);
});

it('a table without rows is copied, as it is', async () => {
  await harness.source.query('CREATE TABLE b2 (id int PRIMARY KEY, at timestamptz)');
  const file = await configure([{ name: 'b2', cursor: 'at' }]);
  expect(await run(['sync', '-c', file])).toMatchObject({ code: 0 });
  expect((await harness.destination.query('SELECT count(*) FROM b2')).rows).toEqual([{ count: '0' }]);
});

it('no grants: check prints the statements, which then suffice', async () => {
  await harness.source.query('CREATE TABLE b3 (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON b3 (at)');
  const role = `reader_${harness.taskQueue.replaceAll('-', '_')}`;
  await harness.source.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  const as = (url: string): string => {
    const changed = new URL(url);
    changed.username = role;
    changed.password = 'secret';
    return changed.toString();
  };
  const file = await configure([{ name: 'b3', cursor: 'at' }], {
    source: { url: as(harness.source.url) },
    destination: { url: as(harness.destination.url) },
  });
  const before = await run(['check', '-c', file, '--json']);
  expect(before.code).toBe(3);
  const { findings } = JSON.parse(before.stdout) as {
    findings: { level: string; where: string; remedy: string }[];
  };
  const grants = findings.filter(({ remedy }) => remedy.startsWith('GRANT '));
  expect(grants.map(({ remedy }) => remedy).join('\n')).toMatch(
    /GRANT SELECT ON "public"\."b3"[^]*GRANT CREATE/,
  );
  for (const { where, remedy } of grants)
    await (where.startsWith('destination') ? harness.destination : harness.source).query(remedy);
  expect(await run(['check', '-c', file])).toMatchObject({ code: 0 });
  expect(await run(['sync', '-c', file])).toMatchObject({ code: 0 });
  await harness.source.query(`DROP OWNED BY ${role}`);
  await harness.destination.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
});

it('check warns of what would surprise, and strictly fails of it', async () => {
  await harness.source.query(`CREATE TABLE b4 (id int, at timestamptz);
    INSERT INTO b4 VALUES (1, '2026-01-01'), (1, '2026-01-02'), (2, NULL), (3, 'infinity')`);
  const file = await configure([{ name: 'b4', cursor: 'at', key: ['id'] }]);
  const result = await run(['check', '-c', file]);
  expect(result.code).toBe(0);
  expect(result.stdout).toMatch(/only each key's newest row is kept/);
  expect(result.stdout).toMatch(/CREATE INDEX ON "public"\."b4" \("at"\)/);
  expect(result.stdout).toMatch(/1 row whose at is NULL/);
  expect(result.stdout).toMatch(/1 row whose at is infinite/);
  expect(await run(['check', '-c', file, '--strict'])).toMatchObject({ code: 3 });
});

it('a cursor column full of NULLs', async () => {
  await harness.source.query(
    'CREATE TABLE b5 (id int PRIMARY KEY, at timestamptz); INSERT INTO b5 VALUES (1, NULL)',
  );
  const file = await configure([{ name: 'b5', cursor: 'at' }]);
  const says = /the cursor column at is NULL in every row[^]*Choose a cursor column/;
  expect(await run(['check', '-c', file])).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(says) as string,
  });
  expect(await run(['sync', '-c', file])).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(says) as string,
  });
});

it('a destination that can only be read', async () => {
  await harness.source.query('CREATE TABLE b7 (id int PRIMARY KEY, at timestamptz)');
  const readOnly = await createDatabase();
  await readOnly.query(`ALTER DATABASE ${readOnly.endpoint.database} SET default_transaction_read_only = on`);
  const file = await configure([{ name: 'b7', cursor: 'at' }], { destination: { url: readOnly.url } });
  const says = /can only be read|takes no writes/;
  expect(await run(['check', '-c', file])).toMatchObject({
    code: 4,
    stdout: expect.stringMatching(says) as string,
  });
  expect(await run(['sync', '-c', file])).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(says) as string,
  });
  await readOnly.drop();
});

it('an interval that runs backwards, and values of another kind', async () => {
  await harness.source.query(
    `CREATE TABLE b6 (id int PRIMARY KEY, at timestamptz); INSERT INTO b6 VALUES (1, '2026-01-01')`,
  );
  const file = await configure([{ name: 'b6', cursor: 'at' }]);
  expect(await run(['resync', '-c', file, '--table', 'b6'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Nothing to forget of public\.b6: it was never copied, and/) as string,
  });
  expect(await run(['sync', '-c', file])).toMatchObject({ code: 0 });
  const resync = (from: string, to: string): Promise<CliResult> =>
    run(['resync', '-c', file, '--table', 'b6', '--from', from, '--to', to]);
  expect(await resync('2026-02-01', '2026-01-01')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--from is not before --to.*exchange/) as string,
  });
  expect(await resync('10', '20')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/does not fit the cursor column.*Write a date/) as string,
  });
  expect(await resync('2999-01-01', '2999-01-02')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^Nothing to forget of public\.b6: nothing of that range was copied so far, and/,
    ) as string,
  });
});
