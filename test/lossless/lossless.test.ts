import { compareTable } from '../../prove/values/compare';
import { copyFuzzedRows } from '../../prove/values/rounds';
import { configured, fuzzedTables, lanes } from '../../prove/values/tables';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* Every value's text arrives unchanged: in each write mode, on every lane, at first and over what is there. */

/** `npm run prove -- --values` has any seed, and fifty times as many rows. */
const seed = Number(process.env['SEED'] ?? 45);
const ROWS = 20_000;

let harness: SyncHarness;
let ends: Awaited<ReturnType<typeof connectEnds>>;
beforeAll(async () => {
  harness = await startSyncHarness();
  ends = await connectEnds();
});
afterAll(async () => {
  await Promise.all([ends.source.end(), ends.destination.end()]);
  await harness.stop();
});

async function connectEnds() {
  const [source, destination] = await Promise.all([harness.source.connect(), harness.destination.connect()]);
  return { source, destination };
}

it.each(Object.entries(lanes))('at least 45 types take the lane %s', (_, { samples }) => {
  expect(new Set(samples.map(({ type }) => type)).size).toBeGreaterThanOrEqual(45);
});

it('carries fuzzed rows over in each write mode, on every lane, twice', async () => {
  const sync = await harness.configure({ tables: fuzzedTables.map(configured) });
  const run = async (): Promise<void> => {
    const { ok, tables } = await sync.run();
    if (!ok) throw new Error(JSON.stringify(tables.map(({ table, error }) => [table, error])));
  };
  const { tables } = await copyFuzzedRows({ ...ends, rows: ROWS, seed, run });
  expect({ seed, differences: tables.flatMap(({ differences }) => differences) }).toEqual({
    seed,
    differences: [],
  });
  expect(tables).toHaveLength(9);
  expect(tables.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(ROWS);
  for (const { mode, changed } of tables) expect(changed > 0).toBe(mode !== 'append');
});

it.each([
  [
    'another text',
    `UPDATE public.told SET v = '1.00' WHERE id = 2`,
    /told\.v, id 2 .*"\(1\.0\)".*"\(1\.00\)"/,
  ],
  ['NULL for an empty text', `UPDATE public.told SET v = NULL WHERE id = 1`, /told\.v, id 1 /],
  ['a row twice', `INSERT INTO public.told VALUES (2, '1.0')`, /told\.id, id 2 /],
  ['a row less', `DELETE FROM public.told WHERE id = 1`, /told\.id, id 1 .*none/],
])('tells %s', async (_, change, told) => {
  for (const end of Object.values(ends))
    await end.query(`
      DROP TABLE IF EXISTS public.told;
      CREATE TABLE public.told (id int, v text); INSERT INTO public.told VALUES (1, ''), (2, '1.0')`);
  expect(await compareTable(ends, 'told', ['id', 'v'])).toMatchObject({ equal: true, shown: [] });
  await ends.destination.query(change);
  const { equal, shown } = await compareTable(ends, 'told', ['id', 'v']);
  expect(equal).toBe(false);
  expect(shown.join('\n')).toMatch(told);
});

it('an upsert carries over what is equal but not the same', async () => {
  await harness.source.query(
    `CREATE TABLE nearly (id int PRIMARY KEY, at timestamptz, n numeric, f float8, j json, a text[], c public.citext);
     INSERT INTO nearly VALUES (1, now(), 1.0, '0', '{"a":1}', '{x}', 'abc'), (2, now(), 1, 1, '1', '{}', '')`,
  );
  const sync = await harness.configure({
    tables: [{ name: 'nearly', cursor: 'at', lookback: '10 minutes' }],
  });
  await sync.copy();
  const before = await harness.destination.query(`SELECT xmin FROM nearly WHERE id = 2`);
  await harness.source.query(
    `UPDATE nearly SET n = 1.00, f = '-0', j = '{"a": 1}', a = '[2:2]={x}', c = 'ABC' WHERE id = 1`,
  );
  await sync.copy();
  await harness.expectEqual('nearly');
  // What did not change was not written again.
  const after = await harness.destination.query(`SELECT xmin FROM nearly WHERE id = 2`);
  expect(after.rows).toEqual(before.rows);
});
