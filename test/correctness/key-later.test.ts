import { forgetTable } from '../../src/destination/forget-checkpoint';
import { runCli } from '../commands/cli';
import { startSyncHarness, summaryOf, type SyncHarness, type TestSync } from '../support/sync-harness';

/* The key of a large table is built at the end of its first load. */

const ROWS = 120_000;

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterEach(() => (harness.onMoment = undefined));
afterAll(() => harness.stop());

async function readings(name: string): Promise<TestSync> {
  await harness.source.query(
    `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL, note text);
     INSERT INTO ${name} SELECT i, now() - interval '1 day' - (${ROWS} - i) * interval '1 second', 'first'
       FROM generate_series(1, ${ROWS}) i;
     CREATE INDEX ON ${name} (at); ANALYZE ${name}`,
  );
  return harness.configure({
    parallelism: { tables: 1, intervals: 1 },
    tables: [{ name, cursor: 'at', batch: { rows: 20_000 } }],
  });
}

async function keyOf(name: string): Promise<string | undefined> {
  const { rows } = await harness.destination.query(
    `SELECT pg_get_constraintdef(oid) AS key FROM pg_constraint WHERE conrelid = to_regclass('${name}') AND contype = 'p'`,
  );
  return rows[0]?.key ?? undefined;
}

/** Runs `meddle` once, before the first batch that begins after a part of the rows was committed. */
function inMidLoad(meddle: () => Promise<unknown>): void {
  let committed = 0;
  harness.onMoment = async (moment) => {
    if (moment === 'committed') committed += 1;
    if (moment !== 'before-begin' || committed !== 2) return;
    committed = Infinity;
    await meddle();
  };
}

it('rows come into a table without it, and it is there when the run ends', async () => {
  const sync = await readings('loaded');
  let before: string | undefined = 'not looked at';
  inMidLoad(async () => (before = await keyOf('loaded')));
  await sync.copy();
  expect(before).toBeUndefined();
  expect(await keyOf('loaded')).toBe('PRIMARY KEY (id)');
  await harness.expectEqual('loaded');

  await harness.source.query(`UPDATE loaded SET note = 'second', at = now() WHERE id < 100`);
  expect((await sync.copy()).rows).toBe(99);
  await harness.expectEqual('loaded');
});

it('a row that moves while it is loaded comes twice, and its newest version stays', async () => {
  const sync = await readings('moved');
  inMidLoad(() =>
    harness.source.query(`UPDATE moved SET note = 'later', at = now() - interval '1 hour' WHERE id <= 10`),
  );
  expect((await sync.copy()).rows).toBe(ROWS + 10);
  expect(await keyOf('moved')).toBe('PRIMARY KEY (id)');
  await harness.expectEqual('moved');
});

it('another run that goes on with the load builds it first', async () => {
  const sync = await readings('stopped');
  inMidLoad(() => harness.client.workflow.getHandle(`tidemark:${sync.name}`).cancel());
  const handle = await sync.start();
  await summaryOf(handle).catch(() => undefined);
  expect(await keyOf('stopped')).toBeUndefined();

  let between: string | undefined;
  harness.onMoment = async (moment) => {
    if (moment === 'before-begin') between ??= (await keyOf('stopped')) ?? 'none';
  };
  // What was copied before is written again.
  await harness.source.query(
    `UPDATE stopped SET note = 'later', at = now() - interval '1 hour' WHERE id <= 10`,
  );
  await sync.copy();
  expect(between).toBe('PRIMARY KEY (id)');
  await harness.expectEqual('stopped');
});

it('another sync into the table is told to wait for it', async () => {
  const sync = await readings('shared');
  const other = await harness.configure({ tables: [{ name: 'shared', cursor: 'at' }] });
  let refused: { type: string; message: string } | undefined;
  let before: { code: number | null; stdout: string } | undefined;
  inMidLoad(async () => {
    refused = await other.fail();
    before = await runCli(['diff-config', '-c', other.config.file], { folder: harness.folder });
  });
  await sync.copy();
  expect(refused).toMatchObject({ type: 'Drift' });
  expect(refused?.message).toContain(`the first load of the sync '${sync.name}' into it has not ended`);
  expect(before).toMatchObject({ code: 6, stdout: expect.stringContaining('has not ended') as string });
  expect((await other.run()).ok).toBe(true);
});

it('forgotten in mid-load, the table is copied from its start', async () => {
  const sync = await readings('forgotten');
  inMidLoad(async () => {
    const client = await harness.destination.connect();
    await forgetTable(client, { sync: sync.name, table: 'public.forgotten' });
    await client.end();
  });
  expect(await sync.fail()).toMatchObject({ type: 'Superseded' });
  expect(await keyOf('forgotten')).toBeUndefined();
  await sync.copy();
  expect(await keyOf('forgotten')).toBe('PRIMARY KEY (id)');
  await harness.expectEqual('forgotten');
});
