import type { BatchMoment } from '../../src/activities/dependencies';
import { until } from '../support/poll';
import { type Proxy, startProxy } from '../support/proxy';
import { temporalAddress } from '../support/temporal';
import type { WorkerProcess } from '../support/worker-process';
import { inScene, type Scene, tables } from './scene';

const moments: BatchMoment[] = ['before-begin', 'locked', 'mid-copy', 'before-commit', 'committed'];
const TIMEOUT = 150_000;

interface Zombie {
  worker: WorkerProcess;
  /** Between it and Temporal: a paused machine's connections end, those of a paused process alone would still be given work. */
  proxy: Proxy;
}

/** Starts a worker that pauses itself in the second batch of a table, and waits until it has. */
async function startZombie(scene: Scene, moment: BatchMoment, table: string): Promise<Zombie> {
  const [host = '', port] = temporalAddress().split(':');
  const proxy = await startProxy({ host, port: Number(port) });
  const act = { moment, table, time: 2, signal: 'SIGSTOP' } as const;
  const worker = await scene.worker({ act, address: proxy.address });
  await worker.reaches('acting');
  proxy.cutAll();
  return { worker, proxy };
}

/** Waits until the worker has tried to finish what it was doing, and has work again or none: it polls. */
async function wake({ worker }: Zombie): Promise<void> {
  await worker.kill('SIGCONT');
}

describe('a worker that is paused past the heartbeat timeout', () => {
  test.concurrent.each(moments)(
    '%s does not write when it comes back, while another one copies on',
    (moment) =>
      inScene({}, async (scene) => {
        const zombies: Zombie[] = [];
        try {
          await scene.start();
          // One after another, each in a batch of another write mode; each wakes as soon as its batch was taken over.
          for (const table of tables) {
            const zombie = await startZombie(scene, moment, table);
            zombies.push(zombie);
            const before = await scene.committed(table);
            const successor = await scene.worker({ slowMs: 100 });
            await until(async () => (await scene.committed(table)) > before, {
              timeout: 60_000,
              what: `a batch of ${table} after the zombie's`,
            });
            await wake(zombie);
            await successor.kill('SIGKILL');
          }
          await scene.worker();
          const summary = await scene.result();
          await scene.expectExactlyOnce(summary);
        } finally {
          for (const { proxy } of zombies) await proxy.close();
        }
      }),
    TIMEOUT,
  );

  test.concurrent.each(moments)(
    '%s does not write when it comes back after the end of the run',
    (moment) =>
      inScene({}, async (scene) => {
        await scene.start();
        const zombie = await startZombie(scene, moment, 'public.by_append');
        try {
          await scene.worker();
          const summary = await scene.result();
          await wake(zombie);
          await zombie.worker.kill('SIGTERM');
          await until(() => zombie.worker.ended, { timeout: 60_000, what: "the zombie's end" });
          await scene.expectExactlyOnce(summary);
        } finally {
          await zombie.proxy.close();
        }
      }),
    TIMEOUT,
  );
});
