import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { comparisonWorkflowId } from '../../src/plan/workflow-ids';
import { startComparison } from '../../src/temporal/start-comparison';
import { startSync } from '../../src/temporal/start-sync';
import { createDatabase } from '../support/database';
import { expectEqualMultisets } from '../support/multiset';
import { until } from '../support/poll';
import { connectTemporal, temporalAddress, uniqueName } from '../support/temporal';
import { startWorkerProcess, type WorkerProcess, type WorkerTask } from '../support/worker-process';

/* A real worker, killed while it compares and while it repairs. */

const ROWS = 10_000;

async function inScene(
  settings: object,
  test: (scene: {
    worker: (act?: WorkerTask['act']) => Promise<WorkerProcess>;
    reconcile: () => Promise<{ ended: Promise<unknown> }>;
    block: () => Promise<{ release: () => Promise<void>; isWaitedFor: () => Promise<boolean> }>;
  }) => Promise<void>,
): Promise<void> {
  const [source, destination, client] = await Promise.all([
    createDatabase(),
    createDatabase(),
    connectTemporal(),
  ]);
  const [name, folder] = [uniqueName('compared'), temporaryFolder()];
  await source.query(`
    CREATE TABLE readings (id int PRIMARY KEY, at timestamptz NOT NULL, v text);
    INSERT INTO readings SELECT i, '2026-01-01'::timestamptz + i / 7 * interval '1 second', 'v' || i FROM generate_series(1, ${ROWS}) i;
    ANALYZE readings`);
  const config = path.join(folder, 'tidemark.yaml');
  const tables = [{ name: 'readings', cursor: 'at', batch: { rows: 500 }, deleteLimit: 100, ...settings }];
  const ends = { source: { url: source.url }, destination: { url: destination.url } };
  writeFileSync(config, JSON.stringify({ name, ...ends, settleDelay: '1 ms', tables }));
  const workers: WorkerProcess[] = [];
  const worker = async (act?: WorkerTask['act']): Promise<WorkerProcess> => {
    const trace = path.join(folder, `worker-${workers.length}`);
    const started = await startWorkerProcess({
      ...{ config, address: temporalAddress(), taskQueue: name, trace },
      ...(act && { act }),
    });
    workers.push(started);
    return started;
  };
  try {
    const first = await worker();
    await (await startSync(client, { sync: name }, name)).result();
    await first.kill('SIGKILL');
    await source.query(`
      UPDATE readings SET v = 'changed' WHERE id % 3 = 0; DELETE FROM readings WHERE id % 11 = 0;
      INSERT INTO readings SELECT -i, '2026-01-01'::timestamptz + i * interval '1 second', 'late' FROM generate_series(1, 1000) i`);
    await test({
      worker,
      async reconcile() {
        const id = comparisonWorkflowId(name, 'reconcile');
        const run = await startComparison(client, id, { sync: name, depth: 'full' }, name);
        return { ended: run.result() };
      },
      async block() {
        const blocker = await destination.connect();
        await blocker.query('BEGIN; LOCK TABLE readings IN ACCESS EXCLUSIVE MODE');
        return {
          release: async () => {
            await blocker.query('ROLLBACK');
            await blocker.end();
          },
          isWaitedFor: async () => {
            const { rows } = await destination.query(
              `SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'readings' AND NOT l.granted`,
            );
            return rows.length > 0;
          },
        };
      },
    });
    const [left, right] = await Promise.all([source.connect(), destination.connect()]);
    const sql = 'SELECT id, at, v FROM readings';
    await expectEqualMultisets({ client: left, sql }, { client: right, sql });
    await Promise.all([left.end(), right.end()]);
    const again = await startComparison(
      client,
      comparisonWorkflowId(name, 'verify'),
      { sync: name, depth: 'full', repair: false },
      name,
    );
    expect(await again.result()).toMatchObject({ ok: true });
  } finally {
    await Promise.all(workers.map((one) => one.kill('SIGKILL')));
    await client.connection.close();
    await Promise.all([source.drop(), destination.drop()]);
  }
}

const modes = [{ deletes: 'mirror' }, { mode: 'append' }];

test.concurrent.each(modes)('killed while it compares: %j', (settings) =>
  inScene(settings, async ({ worker, reconcile, block }) => {
    const { release, isWaitedFor } = await block();
    const { ended } = await reconcile();
    const killed = await worker();
    await until(isWaitedFor, { what: 'the comparison to read' });
    await killed.kill('SIGKILL');
    await release();
    await worker();
    expect(await ended).toMatchObject({ ok: true, tables: [{ repaired: true, stillDiffering: 0 }] });
  }),
);

test.concurrent.each(modes)('killed while it repairs, again and again: %j', (settings) =>
  inScene(settings, async ({ worker, reconcile }) => {
    const { ended } = await reconcile();
    for (const moment of ['mid-copy', 'before-commit', 'committed'] as const) {
      const killed = await worker({ moment, time: 3, signal: 'SIGKILL' });
      await until(() => killed.ended, { what: `the worker's death ${moment}` });
      expect(killed.trace().at(-1)).toMatchObject({ moment: 'acting' });
    }
    await worker();
    expect(await ended).toMatchObject({ ok: true, tables: [{ repaired: true, stillDiffering: 0 }] });
  }),
);
