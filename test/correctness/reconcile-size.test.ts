import { comparisonWorkflowId } from '../../src/plan/workflow-ids';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* Many rows, many differences, and one value that very many rows share. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

const described = (sync: TestSync) =>
  harness.client.workflow
    .getHandle(
      `${comparisonWorkflowId(sync.name, 'reconcile')}/public.${sync.config.tables[0]?.name?.name ?? ''}`,
    )
    .describe();

test('everything differs: few intervals, a small history', async () => {
  await harness.source.query(`
    CREATE TABLE all_changed (id int PRIMARY KEY, at timestamptz NOT NULL, v text);
    CREATE INDEX ON all_changed (at);
    INSERT INTO all_changed SELECT i, '2026-01-01'::timestamptz + i * interval '1 second', 'v' FROM generate_series(1, 100000) i;
    ANALYZE all_changed`);
  const sync = await harness.copied({ name: 'all_changed', deletes: 'mirror' });
  await harness.source.query(`UPDATE all_changed SET v = 'w'`);
  const compared = await sync.reconcile();
  expect(compared).toMatchObject({ different: 100_000, stillDiffering: 0, rowsCopied: 100_000 });
  expect(compared.differing).toBeLessThan(10);
  expect((await described(sync)).historyLength).toBeLessThan(60);
  await harness.expectEqual('all_changed');
});

test('more differences than a history should hold: it continues as new, and compares all of them again', async () => {
  await harness.source.query(`
    CREATE TABLE scattered (id int PRIMARY KEY, at timestamptz NOT NULL, v text);
    CREATE INDEX ON scattered (at);
    INSERT INTO scattered SELECT i, '2026-01-01'::timestamptz + i * interval '1 second', 'v' FROM generate_series(1, 240000) i;
    ANALYZE scattered`);
  const sync = await harness.copied({ name: 'scattered', deletes: 'mirror' });
  await harness.source.query(`UPDATE scattered SET v = 'w' WHERE id % 4000 = 5`);
  // What the repair leaves must be found, in whichever execution it is compared again.
  await harness.destination.query(`
    CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v = 'undone'; RETURN NEW; END $$;
    CREATE TRIGGER undo BEFORE UPDATE ON scattered FOR EACH ROW WHEN (NEW.id > 220000) EXECUTE FUNCTION undo()`);
  const failed = await sync.reconcile();
  expect(failed).toMatchObject({ different: 60, repaired: false, state: 'completed' });
  expect(failed.stillDiffering).toBeGreaterThan(0);
  expect(failed.remaining.reduce((sum, { different }) => sum + different, 0)).toBe(5);
  const { runId, raw } = await described(sync);
  expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(runId);
  await harness.destination.query('DROP TRIGGER undo ON scattered');
  expect(await sync.reconcile()).toMatchObject({ different: 5, stillDiffering: 0, repaired: true });
  await harness.expectEqual('scattered');
});

test('one row among many is found by reading few of them one by one', async () => {
  await harness.source.query(`
    CREATE TABLE single (id int PRIMARY KEY, at timestamptz NOT NULL, v text);
    CREATE INDEX ON single (at);
    INSERT INTO single SELECT i, '2026-01-01'::timestamptz + i * interval '1 second', 'v' FROM generate_series(1, 200000) i;
    ANALYZE single`);
  const sync = await harness.copied({ name: 'single', deletes: 'mirror' });
  await harness.source.query(`UPDATE single SET v = 'w' WHERE id = 77777`);
  const compared = await sync.reconcile();
  expect(compared).toMatchObject({ different: 1, differing: 1, stillDiffering: 0 });
  expect(compared.rowsCopied).toBeLessThanOrEqual(2_000);
});

test.each(['mirror', 'keep'])(
  '250,000 rows that share one cursor value are told apart one by one: deletes %s',
  async (deletes) => {
    const name = `shared_${deletes}`;
    await harness.source.query(`
    CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL, v text);
    CREATE INDEX ON ${name} (at);
    INSERT INTO ${name} SELECT i, '2026-01-01', 'v' FROM generate_series(1, 250000) i; ANALYZE ${name}`);
    const sync = await harness.copied({ name, deletes });
    await harness.source.query(`
    UPDATE ${name} SET v = 'w' WHERE id IN (5, 6); DELETE FROM ${name} WHERE id IN (7, 8, 9);
    INSERT INTO ${name} VALUES (250001, '2026-01-01', 'late')`);
    const gone = deletes === 'keep' ? { extra: 0, kept: 3 } : { extra: 3, kept: 0 };
    const compared = await sync.reconcile();
    expect(compared).toMatchObject({
      state: 'completed',
      missing: 1,
      different: 2,
      ...gone,
      stillDiffering: 0,
    });
  },
);
