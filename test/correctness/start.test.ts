import path from 'node:path';
import { runResync } from '../../src/commands/run-resync';
import { createGate } from '../support/gate';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* A start that is moved down or up between runs: what was never copied is copied once, and nothing else again. */

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterEach(() => {
  harness.onMoment = undefined;
  jest.restoreAllMocks();
});
afterAll(() => harness.stop());

const began = Date.now();
/** A time so many minutes before the tests began. */
const ago = (minutes: number): string => new Date(began - minutes * 60_000).toISOString();

/** A table with a row for each 10 of the last 1000 minutes, the last of them 10 minutes ago. */
async function createReadings(name: string): Promise<void> {
  await harness.source.query(
    `CREATE TABLE ${name} (id int, at timestamptz NOT NULL);
     INSERT INTO ${name} SELECT i, '${ago(0)}'::timestamptz - i * interval '1 minute' FROM generate_series(10, 1000, 10) i`,
  );
}

/** The table's sync, with another start; the same sync where `before` is given. */
function startingAt(start: string, table: object, before?: TestSync): Promise<TestSync> {
  const tables = [{ ...table, cursor: 'at', start }];
  return harness.configure({ ...(before && { name: before.name }), tables });
}

async function resync(
  { name }: TestSync,
  table: string,
  range: { from?: string; to?: string },
): Promise<void> {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  await runResync({ config: path.join(harness.folder, `${name}.yaml`), table, ...range });
}

/** No batch commits before two are about to, which is when two of one stretch would double its rows. */
function commitTogether(): void {
  let here = 0;
  const both = createGate();
  harness.onMoment = (moment) => {
    if (moment !== 'before-commit') return;
    if (++here === 2) both.open();
    return both.opened;
  };
}

it('moved down into the lookback, with both lanes at once', async () => {
  await createReadings('within');
  const table = { name: 'within', mode: 'replace', lookback: '700 minutes' };
  const sync = await startingAt(ago(505), table);
  expect(await sync.copy()).toMatchObject({ rows: 50 });
  const lower = await startingAt(ago(905), table, sync);
  commitTogether();
  expect(await lower.copy()).toMatchObject({ rows: 90 });
  await harness.expectEqual(`within WHERE at >= '${ago(905)}'`, 'within');
});

describe.each(['append', 'replace'])('mode %s', (mode) => {
  it('moved down, and a range across the old one resynced before the next run', async () => {
    const name = `across_${mode}`;
    await createReadings(name);
    const table = { name, mode };
    const sync = await startingAt(ago(505), table);
    await sync.copy();
    const lower = await startingAt(ago(905), table, sync);
    await resync(lower, name, { from: ago(905), to: ago(305) });
    commitTogether();
    expect(await lower.copy()).toMatchObject({ rows: 60 });
    await harness.expectEqual(`${name} WHERE at >= '${ago(905)}'`, name);
  });

  it('moved up and down again', async () => {
    const name = `again_${mode}`;
    await createReadings(name);
    const table = { name, mode };
    const sync = await startingAt(ago(505), table);
    await sync.copy();
    for (const start of [305, 205, 405, 505])
      expect(await (await startingAt(ago(start), table, sync)).copy()).toMatchObject({ rows: 0 });
    const lower = await startingAt(ago(905), table, sync);
    expect(await lower.copy()).toMatchObject({ rows: 40 });
    expect(await lower.copy()).toMatchObject({ rows: 0 });
    await harness.expectEqual(`${name} WHERE at >= '${ago(905)}'`, name);
  });

  it('beyond the horizon at first, then moved down: nothing beyond the horizon is read', async () => {
    const name = `beyond_${mode}`;
    await createReadings(name);
    await harness.source.query(`INSERT INTO ${name} VALUES (-1, '${ago(-600)}')`);
    const table = { name, mode };
    const sync = await startingAt(ago(-1200), table);
    expect(await sync.copy()).toMatchObject({ rows: 0 });
    await harness.source.query(`INSERT INTO ${name} VALUES (0, now())`);
    const lower = await startingAt(ago(505), table, sync);
    expect(await lower.copy()).toMatchObject({ rows: 51 });
    expect(await lower.copy()).toMatchObject({ rows: 0 });
    await harness.expectEqual(`${name} WHERE at >= '${ago(505)}' AND id >= 0`, name);
  });

  it('moved up beyond what was copied, then down: what was passed over meanwhile is copied', async () => {
    const name = `passed_${mode}`;
    await createReadings(name);
    const table = { name, mode };
    const sync = await startingAt(ago(505), table);
    await sync.copy();
    const higher = await startingAt(ago(-1200), table, sync);
    for (const id of [1001, 1002]) {
      await harness.source.query(`INSERT INTO ${name} VALUES (${id}, now())`);
      expect(await higher.copy()).toMatchObject({ rows: 0 });
    }
    const lower = await startingAt(ago(905), table, sync);
    expect(await lower.copy()).toMatchObject({ rows: 42 });
    expect(await lower.copy()).toMatchObject({ rows: 0 });
    await harness.expectEqual(`${name} WHERE at >= '${ago(905)}'`, name);
  });

  it('moved up, the table resynced, moved down: what stayed below it is not doubled', async () => {
    const name = `stayed_${mode}`;
    await createReadings(name);
    const table = { name, mode };
    const sync = await startingAt(ago(505), table);
    await sync.copy();
    const higher = await startingAt(ago(305), table, sync);
    await resync(higher, name, {});
    expect(await higher.copy()).toMatchObject({ rows: 30 });
    expect(await higher.copy()).toMatchObject({ rows: 0 });
    const lower = await startingAt(ago(905), table, sync);
    expect(await lower.copy()).toMatchObject({ rows: 60 });
    await harness.expectEqual(`${name} WHERE at >= '${ago(905)}'`, name);
  });
});
