import type { ReconcileInput, ReconcileSummary } from '../../src/plan/reconcile-wire';
import { comparisonWorkflowId } from '../../src/plan/workflow-ids';
import type { reconcile as reconcileWorkflow } from '../../src/workflows';
import { until } from '../support/poll';
import { historyText, startSyncHarness, summaryOf, type SyncHarness } from '../support/sync-harness';
import { uniqueName } from '../support/temporal';

/* Comparisons as runs: hints, as part of a sync, beside one, started by anybody, and what they leave in history. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterEach(() => (harness.onMoment = undefined));
afterAll(() => harness.stop());

/** Its counters are there at once: a session that rests may hold them back for ten seconds. */
const source = async (sql: string): Promise<void> => {
  await harness.source.query(sql);
  await harness.source.query('SELECT pg_stat_force_next_flush()');
};
const table = (name: string, rows = 2_000): Promise<void> =>
  source(`
    CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL, v text);
    INSERT INTO ${name} SELECT i, '2026-01-01'::timestamptz + i * interval '1 minute', 'v' || i FROM generate_series(1, ${rows}) i;
    ANALYZE ${name}`);
/** As another program would start it. */
const start = (input: unknown, workflowId = uniqueName('foreign')) =>
  harness.client.workflow.start<typeof reconcileWorkflow>('reconcile', {
    workflowId,
    taskQueue: harness.taskQueue,
    args: [input as ReconcileInput],
  });

test('a table whose counters stand still is not compared, and what changed at the destination alone not found', async () => {
  await table('resting');
  const sync = await harness.configure({ tables: [{ name: 'resting', cursor: 'at', deletes: 'mirror' }] });
  await sync.copy();
  expect(await sync.reconcile()).toMatchObject({ skipped: 0, sourceRows: 2_000 });
  expect(await sync.reconcile()).toMatchObject({ stretches: 1, skipped: 1, sourceRows: 0 });
  await harness.destination.query('UPDATE resting SET v = NULL WHERE id = 5');
  expect(await sync.reconcile()).toMatchObject({ skipped: 1, differing: 0 });
  expect(await sync.reconcile({ depth: 'full', repair: false })).toMatchObject({ different: 1 });
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ different: 1, stillDiffering: 0 });
  await source('UPDATE resting SET v = NULL WHERE id = 6');
  // Telling alone settles nothing.
  expect(await sync.reconcile({ repair: false })).toMatchObject({ skipped: 0, different: 1 });
  expect(await sync.reconcile()).toMatchObject({ skipped: 0, different: 1, stillDiffering: 0 });
  expect(await sync.reconcile()).toMatchObject({ skipped: 1 });
  await source('SELECT pg_stat_reset()');
  expect(await sync.reconcile()).toMatchObject({ skipped: 0, differing: 0 });
  expect(await sync.reconcile()).toMatchObject({ skipped: 1 });
  await source('TRUNCATE resting');
  expect(await sync.reconcile()).toMatchObject({ skipped: 0, error: { type: 'DeletesRefused' } });
});

test('a view counts nothing, and is compared each time, with the reason', async () => {
  await table('behind_view', 100);
  await source('CREATE VIEW view AS SELECT * FROM behind_view');
  const sync = await harness.configure({ tables: [{ name: 'view', cursor: 'at', key: ['id'] }] });
  await sync.copy();
  await sync.reconcile();
  await source('UPDATE behind_view SET v = NULL WHERE id = 5');
  const compared = await sync.reconcile();
  expect(compared).toMatchObject({ different: 1, stillDiffering: 0 });
  expect(compared.warnings.join()).toMatch(/everything was compared.*views/);
});

test('two comparisons at once: the hint that one was cut short over is not lost to the other', async () => {
  await table('twice');
  const sync = await harness.configure({ tables: [{ name: 'twice', cursor: 'at' }] });
  await sync.copy();
  await sync.reconcile();
  await source('UPDATE twice SET v = NULL WHERE id = 5');
  const seen = `UPDATE tidemark.chunks SET seen = 'what the other saw', seen_by = 'the other' WHERE "table" = 'public.twice'`;
  // The other one begins while this one repairs, and ends nowhere.
  let begun = false;
  harness.onMoment = async (moment) => {
    if (moment !== 'before-begin' || begun) return;
    begun = true;
    await harness.destination.query(seen);
  };
  expect(await sync.reconcile()).toMatchObject({ different: 1, stillDiffering: 0 });
  const { rows } = await harness.destination.query(
    `SELECT settled FROM tidemark.chunks WHERE "table" = 'public.twice'`,
  );
  expect(rows[0]?.['settled']).not.toBe('what the other saw');
  expect(begun).toBe(true);
});

test('a column that has come is compared, though no counter moved', async () => {
  await table('grown');
  const sync = await harness.configure({ tables: [{ name: 'grown', cursor: 'at' }] });
  await sync.copy();
  expect(await sync.reconcile()).toMatchObject({ differing: 0 });
  expect(await sync.reconcile()).toMatchObject({ skipped: 1 });
  await source('ALTER TABLE grown ADD COLUMN extra int DEFAULT 5');
  await sync.copy();
  expect(await sync.reconcile()).toMatchObject({ different: 2_000, stillDiffering: 0 });
  await harness.expectEqual('grown');
  expect(await sync.reconcile()).toMatchObject({ skipped: 1 });
});

test.each(['hinted', 'full'])('as part of sync: reconcile: %s', async (depth) => {
  const [name, other] = [`with_${depth}`, `without_${depth}`];
  await table(name);
  await table(other, 10);
  const tables = [
    { name, cursor: 'at', reconcile: depth, deletes: 'mirror' },
    { name: other, cursor: 'at' },
  ];
  const sync = await harness.configure({ tables });
  expect(await sync.run()).toMatchObject({ ok: true, tables: [{ comparison: { depth, differing: 0 } }, {}] });
  await source(`DELETE FROM ${name} WHERE id = 5; UPDATE ${name} SET v = NULL WHERE id = 6`);
  const summary = await sync.run();
  const comparison = { depth, extra: 1, different: 1, stillDiffering: 0, repaired: true };
  expect(summary).toMatchObject({
    ok: true,
    tables: [{ state: 'completed', comparison }, { state: 'completed' }],
  });
  expect(summary.tables[1]?.comparison).toBeUndefined();
  await harness.expectEqual(name);
  await source(`DELETE FROM ${name} WHERE id > 500`);
  const refused = await sync.run();
  expect(refused).toMatchObject({
    ok: false,
    tables: [{ state: 'failed', error: { type: 'DeletesRefused' } }, {}],
  });
});

test('a sync that takes the table over while a comparison repairs it finishes the repair', async () => {
  await table('taken_over');
  const settings = {
    tables: [{ name: 'taken_over', cursor: 'at', deletes: 'mirror', batch: { rows: 50 } }],
    parallelism: { tables: 1, intervals: 1 },
  };
  const sync = await harness.configure(settings);
  await sync.copy();
  await source(`UPDATE taken_over SET v = NULL; DELETE FROM taken_over WHERE id % 20 = 3`);
  const numberOf = async (sql: string) =>
    Number((await harness.destination.query(`SELECT ${sql} AS n`)).rows[0]?.['n']);
  const epoch = () => numberOf(`(SELECT epoch FROM tidemark.tables WHERE sync = '${sync.name}')`);
  // Once it has repaired some rows, the comparison waits until the sync has planned.
  const before = await epoch();
  let begun = 0;
  harness.onMoment = async (moment, batch) => {
    if (moment !== 'before-begin' || batch.epoch > before || ++begun === 1) return;
    await until(async () => (await epoch()) > batch.epoch);
  };
  const comparing = sync.reconcile();
  await until(async () => (await numberOf('(SELECT count(*) FROM taken_over WHERE v IS NULL)')) > 0);
  expect(await sync.run()).toMatchObject({ ok: true });
  // The comparison begins anew, and has nothing left to say.
  expect(await comparing).toMatchObject({ state: 'completed', stillDiffering: 0 });
  await harness.expectEqual('taken_over');
  expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ differing: 0 });
});

test('what a run has yet to copy is left out, and said; then it is compared', async () => {
  await table('unfinished');
  const sync = await harness.configure({
    tables: [{ name: 'unfinished', cursor: 'at', batch: { rows: 100 } }],
    parallelism: { tables: 1, intervals: 1 },
  });
  await sync.copy();
  await harness.destination.query(
    `DELETE FROM unfinished WHERE at >= '2026-01-02' AND at < '2026-01-02 02:00'`,
  );
  await harness.destination.query(`
    INSERT INTO tidemark.intervals (sync, "table", id, epoch, lower, upper, position)
    SELECT sync, "table", 999, epoch, '2026-01-02 00:00:00+00', '2026-01-02 02:00:00+00', '2026-01-02 00:00:00+00'
    FROM tidemark.tables WHERE "table" = 'public.unfinished'`);
  const compared = await sync.reconcile();
  expect(compared).toMatchObject({ differing: 0, sourceRows: 1_880 });
  expect(compared.warnings.join()).toMatch(/1 intervals were left out/);
  // And the table's counters are not settled by that.
  expect(await sync.reconcile({ repair: false })).toMatchObject({ skipped: 0 });
  await sync.copy();
  expect(await sync.reconcile()).toMatchObject({ differing: 0, sourceRows: 2_000, warnings: [] });
});

test('a table that fails leaves the others compared', async () => {
  await table('sound', 100);
  await table('broken', 100);
  const tables = ['broken', 'sound'].map((name) => ({ name, cursor: 'at' }));
  const sync = await harness.configure({ tables });
  await sync.run();
  await source('DROP TABLE broken; UPDATE sound SET v = NULL WHERE id = 1');
  const summary = await summaryOf<ReconcileSummary>(await start({ sync: sync.name }));
  expect(summary).toMatchObject({
    ok: false,
    tables: [
      { state: 'failed', error: { type: 'Drift' } },
      { state: 'completed', different: 1, stillDiffering: 0 },
    ],
  });
});

test.each([
  ['nothing at all', undefined],
  ['a text', 'hinted'],
  ['an unknown key', { sync: 'x', deep: true }],
  ['another depth', { sync: 'x', depth: 'off' }],
  ['a number for a bound', { sync: 'x', from: 5 }],
  ['a name that is none', { sync: '' }],
])('garbage from a foreign client: %s', async (_, input) => {
  const failure: unknown = await start(input)
    .then((run) => run.result())
    .catch((error: unknown) => (error as Error).cause);
  expect(failure).toMatchObject({ type: 'InvalidInput' });
  expect((failure as Error).message).toMatch(/^[^\n]*Give \{"sync": "name"\}[^\n]*$/);
});

test('no key and no value is in history', async () => {
  const canary = 'canary-7f3a';
  await source(`
    CREATE TABLE canary (id text PRIMARY KEY, at timestamptz NOT NULL, v text);
    INSERT INTO canary SELECT '${canary}' || i, '2026-01-01'::timestamptz + i * interval '1 minute', '${canary}' FROM generate_series(1, 500) i`);
  const sync = await harness.configure({ tables: [{ name: 'canary', cursor: 'at', deletes: 'mirror' }] });
  await sync.copy();
  await source(`
    UPDATE canary SET v = '${canary} changed' WHERE id LIKE '%7'; DELETE FROM canary WHERE id LIKE '%13';
    UPDATE canary SET at = at - interval '1 hour' WHERE id LIKE '%19'; INSERT INTO canary VALUES ('${canary} late', '2026-01-01', '${canary}')`);
  expect(await sync.reconcile()).toMatchObject({ stillDiffering: 0, missing: 1 });
  const id = comparisonWorkflowId(sync.name, 'reconcile');
  const text = await historyText(harness.client, id, ['public.canary', 'public.canary/copy']);
  expect(text).toContain('public.canary');
  expect(text).not.toContain('canary-7');
});
