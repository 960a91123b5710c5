import { writeFile } from 'node:fs/promises';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';
import { runCli } from './cli';

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
  await harness.source.query(`
    CREATE TABLE a (id int PRIMARY KEY, at timestamptz NOT NULL);
    CREATE TABLE b (id int PRIMARY KEY, at timestamptz NOT NULL, gone int);
    CREATE TABLE c (id int PRIMARY KEY, at timestamptz NOT NULL);
    CREATE TABLE d (id int PRIMARY KEY, at timestamptz NOT NULL);
    INSERT INTO a VALUES (1, '2026-01-01')`);
});
afterAll(() => harness.stop());

it('says what was added, removed and changed, and asks for a resync where meaning changed', async () => {
  const cursor = 'at';
  const sync = await harness.configure({
    tables: ['a', 'b', 'd'].map((name) => ({ name, cursor })),
  });
  expect((await sync.run()).ok).toBe(true);
  const diff = async (tables: object[]) => {
    const urls = { source: { url: harness.source.url }, destination: { url: harness.destination.url } };
    await writeFile(sync.config.file, JSON.stringify({ name: sync.name, ...urls, tables }));
    const args = ['diff-config', '-c', sync.config.file];
    const { code, stdout } = await runCli([...args, '--json'], { folder: harness.folder });
    const { stdout: shown } = await runCli(args, { folder: harness.folder });
    return { code, shown, tables: (JSON.parse(stdout) as { tables: object[] }).tables };
  };
  expect(await diff(['a', 'b', 'd'].map((name) => ({ name, cursor })))).toMatchObject({
    code: 0,
    shown: '3 of 3 tables go on as before.\n',
  });
  expect(
    await diff([
      { name: 'a', cursor, mode: 'replace' },
      { name: 'b', cursor, exclude: ['gone'], deletes: 'mirror' },
      { name: 'c', cursor },
    ]),
  ).toMatchObject({
    code: 6,
    shown: expect.stringContaining('resync --table public.a') as string,
    tables: [
      {
        table: 'public.a',
        change: 'changed',
        settings: expect.arrayContaining([{ what: 'mode', before: 'upsert', now: 'replace' }]) as object,
      },
      {
        table: 'public.b',
        change: 'changed',
        settings: [
          { what: 'column gone', before: 'integer', now: 'none' },
          { what: 'deletes', before: 'keep', now: 'mirror' },
        ],
        findings: [],
      },
      { table: 'public.c', change: 'added' },
      { table: 'public.d', change: 'removed' },
    ],
  });
});
