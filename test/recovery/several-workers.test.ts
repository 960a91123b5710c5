import { until } from '../support/poll';
import type { WorkerProcess } from '../support/worker-process';
import { inScene, tables } from './scene';

/** Long enough, each batch, for every worker to find some left. */
const SLOW_MS = 250;

it('several workers share the tables and their intervals, though one is killed and one is added in mid-run', () =>
  inScene({}, async (scene) => {
    const killed = { moment: 'locked', time: 8, signal: 'SIGKILL' } as const;
    const first = await Promise.all([
      scene.worker({ slowMs: SLOW_MS }),
      scene.worker({ slowMs: SLOW_MS }),
      scene.worker({ slowMs: SLOW_MS, act: killed }),
    ]);
    await Promise.all(first.map((worker) => worker.reaches('ready')));
    await scene.start();
    await until(() => first[2].ended, { what: 'the death of one worker' });
    const left = await scene.committed();
    // They stand still until it is up, however long that takes: else a slow start would find nothing left.
    const alive = first.filter(({ ended }) => ended === undefined);
    await Promise.all(alive.map((worker) => worker.kill('SIGSTOP')));
    const added = await scene.worker({ slowMs: SLOW_MS });
    await added.reaches('ready');
    await Promise.all(alive.map((worker) => worker.kill('SIGCONT')));
    const workers = [...first, added];

    const summary = await scene.result();
    await scene.expectExactlyOnce(summary);
    expect(await scene.committed()).toBeGreaterThan(left);
    for (const worker of workers) expect(batchesOf(worker).length).toBeGreaterThan(0);
    const sharedTables = tables.filter((table) => workersOf(workers, (batch) => batch.table === table) >= 3);
    expect(sharedTables).not.toEqual([]);
    expect(summary.tables.reduce((sum, { repeated }) => sum + repeated, 0)).toBeGreaterThan(0);
  }));

/** What a worker committed. */
function batchesOf(worker: WorkerProcess) {
  return worker.trace().filter(({ moment }) => moment === 'committed');
}

function workersOf(
  workers: WorkerProcess[],
  ofTable: (batch: ReturnType<typeof batchesOf>[number]) => boolean,
): number {
  return workers.filter((worker) => batchesOf(worker).some(ofTable)).length;
}
