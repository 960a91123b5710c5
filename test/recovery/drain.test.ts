import { until } from '../support/poll';
import type { WorkerProcess } from '../support/worker-process';
import { inScene, type Scene } from './scene';

async function untilDrained(worker: WorkerProcess): Promise<void> {
  await worker.reaches('terminating');
  await until(() => worker.ended, { what: "the worker's end" });
  expect(worker.ended).toBe('exit code 0');
}

test.concurrent(
  'a worker that drains finishes its batches, and the next one goes on without repeating any',
  () =>
    inScene({}, async (scene) => {
      await scene.start();
      for (let time = 0; time < 2; time++) {
        const act = { moment: 'mid-copy', time: 3, signal: 'SIGTERM' } as const;
        await untilDrained(await scene.worker({ act, slowMs: 40 }));
      }
      const left = await scene.committed();
      await scene.worker();
      const summary = await scene.result();
      await scene.expectExactlyOnce(summary);
      expect(await scene.committed()).toBeGreaterThan(left);
      expect(summary.tables.map(({ repeated }) => repeated)).toEqual([0, 0, 0]);
    }),
);

test.concurrent('a worker that drains rolls back a batch that does not end, and the next one copies it', () =>
  inScene({}, async (scene: Scene) => {
    await scene.start();
    const first = await scene.worker({ slowMs: 40 });
    await until(async () => (await scene.committed()) > 3, { what: 'the first batches' });
    const blocker = await scene.connect('destination');
    try {
      await blocker.query('BEGIN; LOCK TABLE public.by_append, public.by_upsert IN SHARE MODE');
      const copied = await scene.committed('public.by_append');
      expect(copied).toBeLessThan(17);
      await first.kill('SIGTERM');
      await untilDrained(first);
      expect(await scene.committed('public.by_append')).toBe(copied);
    } finally {
      await blocker.end();
    }
    await scene.worker();
    await scene.expectExactlyOnce(await scene.result());
  }),
);
