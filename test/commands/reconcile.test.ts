import { createDatabase } from '../support/database';
import { startSyncHarness, type SyncHarness, type SyncSettings } from '../support/sync-harness';
import { temporalAddress } from '../support/temporal';
import { type CliResult, expectNoLeak, runCli } from './cli';

/** What `verify` and `reconcile` say, and with which exit code. */
let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

const CANARY = 'canary-7f3a';

async function configure(settings: Partial<SyncSettings> & { tables: unknown[] }): Promise<string> {
  const temporal = { address: temporalAddress(), taskQueue: harness.taskQueue };
  return (await harness.configure({ temporal, ...settings })).config.file;
}

async function run(file: string, ...args: string[]): Promise<CliResult> {
  const result = await runCli([...args, '-c', file], { folder: harness.folder });
  expectNoLeak(result, [CANARY]);
  return result;
}

const table = (name: string): Promise<unknown> =>
  harness.source.query(`
    CREATE TABLE ${name} (id text PRIMARY KEY, at timestamptz NOT NULL, v text);
    INSERT INTO ${name} SELECT '${CANARY}' || i, '2026-03-01'::timestamptz + i * interval '1 minute', '${CANARY}' FROM generate_series(1, 1000) i`);

const textOf = ({ stdout, stderr }: CliResult): string => stdout + stderr;

it('verify: equal, different, repaired', async () => {
  await table('verified');
  const file = await configure({ tables: [{ name: 'verified', cursor: 'at', deletes: 'mirror' }] });
  expect(await run(file, 'sync')).toMatchObject({ code: 0 });
  const equal = await run(file, 'verify');
  expect(equal).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/public\.verified +│ completed .* equal/) as string,
  });
  await harness.source.query(`
    UPDATE verified SET v = '${CANARY} changed' WHERE id = '${CANARY}5';
    DELETE FROM verified WHERE id = '${CANARY}6';
    INSERT INTO verified VALUES ('${CANARY}late', '2026-03-01 00:00:30+00', '${CANARY}')`);
  const differs = await run(file, 'verify');
  expect(differs.code).toBe(7);
  expect(differs.stdout).toMatch(/│ +1 │ +1 │ +1 │ differs/);
  expect(differs.stdout).toMatch(/public\.verified +│ up to +│ missing │ extra │ different/);
  expect(differs.stderr).toMatch(/1 of 1 tables differ/);
  const json = await run(file, 'verify', '--json');
  expect(json.code).toBe(7);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: false,
    tables: [{ missing: 1, extra: 1, different: 1, remaining: [{ missing: 1, extra: 1, different: 1 }] }],
    error: { type: 'Differences', exitCode: 7 },
  });
  expect((await run(file, 'verify', '--from', '2026-03-01 06:00', '--to', '2026-03-02')).code).toBe(0);
  const repaired = await run(file, 'verify', '--repair');
  expect(repaired).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/copied again in 1 interval, and found equal/) as string,
  });
  expect((await run(file, 'verify', '--table', 'verified')).code).toBe(0);
});

it('reconcile: what is skipped, kept and moved is told', async () => {
  await table('told');
  const file = await configure({ tables: [{ name: 'told', cursor: 'at' }] });
  expect(await run(file, 'sync')).toMatchObject({ code: 0 });
  await harness.source.query(`
    DELETE FROM told WHERE id = '${CANARY}6'; UPDATE told SET at = 'tomorrow' WHERE id = '${CANARY}7'`);
  const said = await run(file, 'reconcile', '--full');
  expect(said.code).toBe(0);
  expect(said.stdout).toMatch(/1 row gone at the source kept at the destination/);
  expect(said.stdout).toMatch(/1 row moved on to another cursor value: nothing of them is deleted/);
});

it('more deletes than allowed', async () => {
  await table('refused');
  const file = await configure({ tables: [{ name: 'refused', cursor: 'at', deletes: 'mirror' }] });
  expect(await run(file, 'sync')).toMatchObject({ code: 0 });
  await harness.source.query('DELETE FROM refused');
  for (const command of [['reconcile'], ['verify', '--repair']]) {
    const refused = await run(file, ...command);
    expect(refused.code).toBe(6);
    expect(textOf(refused)).toMatch(
      /1000 of the 1000 rows .*100 %.* They were not deleted.*--allow-deletes/s,
    );
  }
  expect((await harness.destination.query('SELECT count(*) FROM refused')).rows).toEqual([{ count: '1000' }]);
  expect((await run(file, 'reconcile', '--allow-deletes')).code).toBe(0);
});

it('what is asked for wrongly', async () => {
  await table('asked');
  const file = await configure({ tables: [{ name: 'asked', cursor: 'at' }] });
  expect((await run(file, 'sync')).code).toBe(0);
  const cases: [string[], number, RegExp][] = [
    [['verify', '--from', 'yesterday'], 2, /--from is not a cursor value/],
    [['reconcile', '--to', ''], 2, /--to is not a cursor value/],
    [['verify', '--table', 'nowhere'], 2, /nowhere/],
    [['reconcile', '--deep'], 2, /unknown option/],
    [['verify', '--from', '5'], 3, /from is no value of the cursor column, which is timestamptz/],
    [['verify', '--from', '2026-03-02', '--to', '2026-03-01'], 2, /--from is not before --to/],
  ];
  for (const [args, code, says] of cases) {
    const result = await run(file, ...args);
    expect({ args, code: result.code, says: textOf(result) }).toEqual({
      args,
      code,
      says: expect.stringMatching(says) as string,
    });
  }
});

it('a table that was never copied, one that is gone, and a destination that is away', async () => {
  await table('uncopied');
  await table('gone');
  const file = await configure({ tables: ['uncopied', 'gone'].map((name) => ({ name, cursor: 'at' })) });
  expect((await run(file, 'sync', '--table', 'gone')).code).toBe(0);
  const never = await run(file, 'verify', '--table', 'uncopied');
  expect(never).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/not copied yet[^]*never copied to its end/) as string,
  });
  await harness.source.query('DROP TABLE gone');
  const missing = await run(file, 'verify');
  expect(textOf(missing)).toMatch(/gone failed: .*no such table any more/);
  expect(missing.code).toBe(6);
  const away = await createDatabase();
  await away.drop();
  const nowhere = await configure({
    tables: [{ name: 'uncopied', cursor: 'at' }],
    destination: { url: away.url },
  });
  expect((await run(nowhere, 'verify')).code).toBe(4);
});
