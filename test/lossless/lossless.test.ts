import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';
import { prerequisites, samples } from './types';

/* Every value's text arrives unchanged: in each write mode, on every lane, at first and over what is there. */

/** A value that is stored out of line makes its table's rows travel as COPY's text, not through a database cursor. */
const small = samples.map((sample) => ({
  ...sample,
  values: sample.values.filter((value) => !value.includes('repeat(')),
}));
const lanes = {
  by_binary_copy: samples.filter(({ binary }) => binary),
  by_database_cursor: small,
  by_text_copy: samples,
};
const modes = ['upsert', 'replace', 'append'] as const;
type Lane = keyof typeof lanes;

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
  await harness.source.query(prerequisites);
  // The destination knows one of the extensions and none of the types of the source's own.
  await harness.destination.query('CREATE EXTENSION hstore SCHEMA public');
  for (const lane of Object.keys(lanes) as Lane[]) await makeTable(lane);
});
afterAll(() => harness.stop());

/** One row for each value, with NULL everywhere else; and one that is NULL throughout. */
async function makeTable(lane: Lane): Promise<void> {
  const columns = lanes[lane].map(({ name, type }) => `${name} ${type}`);
  await harness.source.query(
    `CREATE TABLE ${lane} (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       at timestamptz NOT NULL DEFAULT now(), ${columns.join(', ')})`,
  );
  await harness.source.query(`INSERT INTO ${lane} DEFAULT VALUES`);
  await insertAll(lane);
}

async function insertAll(lane: Lane): Promise<void> {
  const inserts = lanes[lane].flatMap(({ name, type, values }) =>
    values.map((value) => `INSERT INTO ${lane} (${name}) VALUES ((${value})::${type});`),
  );
  await harness.source.query(inserts.join('\n'));
}

function syncOf(mode: (typeof modes)[number]): Promise<TestSync> {
  return harness.configure({
    defaults: { cursor: 'at', mode, ...(mode !== 'append' && { lookback: '10 minutes' }) },
    tables: Object.keys(lanes).map((lane) => ({ name: lane, target: `${lane}_${mode}` })),
  });
}

it('covers at least 45 types', () => {
  expect(new Set(samples.map(({ type }) => type)).size).toBeGreaterThanOrEqual(45);
});

it.each(modes)('%s carries every value over, on every lane, twice', async (mode) => {
  const sync = await syncOf(mode);
  expect(await sync.run()).toMatchObject({ ok: true });
  const { rows } = await harness.destination.query(
    `SELECT "table", spec->>'binary' AS binary, spec->>'wide' AS wide FROM tidemark.tables WHERE sync = $1 ORDER BY 1`,
    [sync.name],
  );
  expect(rows).toEqual([
    { table: 'public.by_binary_copy', binary: 'true', wide: 'true' },
    { table: 'public.by_database_cursor', binary: 'false', wide: 'false' },
    { table: 'public.by_text_copy', binary: 'false', wide: 'true' },
  ]);
  for (const lane of Object.keys(lanes)) await harness.expectEqual(lane, `${lane}_${mode}`);

  // Over what is there: staged and merged, deleted and copied, appended.
  for (const lane of Object.keys(lanes) as Lane[]) await insertAll(lane);
  expect(await sync.run()).toMatchObject({ ok: true });
  for (const lane of Object.keys(lanes)) await harness.expectEqual(lane, `${lane}_${mode}`);
});

it('an upsert carries over what is equal but not the same', async () => {
  await harness.source.query(
    `CREATE TABLE nearly (id int PRIMARY KEY, at timestamptz, n numeric, f float8, j json, a text[], c citext);
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
