import path from 'node:path';
import { startSync } from '../../src/temporal/start-sync';
import { until } from '../support/poll';
import { temporalAddress, uniqueName } from '../support/temporal';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process';
import { hypertable, onNativeTimescale } from './support';

onNativeTimescale((scene) => {
  it('a worker killed in the midst of a compressed chunk costs the batches in flight', async () => {
    const { run, configure, harness } = scene;
    await run(
      ...hypertable(
        'killed',
        `SELECT '2026-01-01'::timestamptz + n * interval '20 seconds', n % 5, n FROM generate_series(0, 8639) n`,
      ),
    );
    const sync = await configure({ name: 'killed', mode: 'append', batch: { rows: 400 } });
    const taskQueue = uniqueName('queue');
    const worker = (index: number, act?: object): Promise<WorkerProcess> =>
      startWorkerProcess({
        config: path.join(harness.folder, `${sync.name}.yaml`),
        ...{ address: temporalAddress(), taskQueue, trace: path.join(harness.folder, `trace-${index}`) },
        ...act,
      });
    const handle = await startSync(harness.client, { sync: sync.name }, taskQueue);
    const first = await worker(1, { act: { moment: 'mid-copy', time: 5, signal: 'SIGKILL' } });
    await until(() => first.ended, { what: "the worker's death" });
    const committed = first.trace().filter(({ moment }) => moment === 'committed').length;
    expect(committed).toBeGreaterThan(0);
    const second = await worker(2);
    try {
      const { tables } = await handle.result();
      expect(tables[0]).toMatchObject({ state: 'completed', rows: 8_640 });
      expect(tables[0]?.repeated).toBeLessThanOrEqual(2);
    } finally {
      await second.stop();
    }
    await harness.expectEqual('killed');
  });
});
