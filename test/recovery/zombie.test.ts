import type { BatchMoment } from '../../src/activities/dependencies';
import { until } from '../support/poll';
import { type Proxy, startProxy, targetOf } from '../support/proxy';
import { temporalAddress } from '../support/temporal';
import type { TraceLine, WorkerProcess } from '../support/worker-process';
import { inScene, type Scene, tables } from './scene';

const moments: BatchMoment[] = ['before-begin', 'locked', 'mid-copy', 'before-commit', 'committed'];

interface Zombie {
  worker: WorkerProcess;
  batch: TraceLine;
  /** Between it and Temporal: a paused machine's connections end; those of a paused process would still be given work. */
  proxy: Proxy;
}

/** Starts a worker that pauses itself in the second batch of one of the tables, and waits until it has. */
async function startZombie(scene: Scene, moment: BatchMoment, among: string[]): Promise<Zombie> {
  const proxy = await startProxy(targetOf(temporalAddress()));
  const act = { moment, tables: among, time: 2, signal: 'SIGSTOP' } as const;
  const worker = await scene.worker({ act, address: proxy.address });
  const batch = await worker.reaches('acting').catch(async (error: unknown) => {
    await proxy.close();
    throw error;
  });
  proxy.cutAll();
  return { worker, batch, proxy };
}

/** Lets it come back, finish or give up what it was doing, and end. */
async function wakeAndDrain({ worker }: Zombie): Promise<void> {
  await worker.kill('SIGCONT');
  await worker.kill('SIGTERM');
  await until(() => worker.ended, { what: "the zombie's end" });
}

test.concurrent.each(moments)(
  'a worker that is paused past the heartbeat timeout, %s, does not write when it comes back',
  (moment) =>
    inScene({}, async (scene) => {
      const zombies: Zombie[] = [];
      try {
        await scene.start();
        // Each takes over from the one before it, and is paused in a batch of another write mode: of the first that
        // comes, since one that waits for a certain table may copy the others to their end meanwhile.
        const left = new Set(tables);
        while (left.size > 0) {
          const zombie = await startZombie(scene, moment, [...left]);
          zombies.push(zombie);
          left.delete(zombie.batch.table ?? '');
        }
        await scene.worker({ slowMs: 100 });
        for (const { batch } of zombies) {
          await until(() => scene.isCommitted(batch), { what: "a zombie's batch" });
        }
        // All but the last come back while the run goes on, the last after its end.
        const last = zombies.at(-1);
        await Promise.all(zombies.filter((zombie) => zombie !== last).map(wakeAndDrain));
        const summary = await scene.result();
        if (last) await wakeAndDrain(last);
        await scene.expectExactlyOnce(summary);
      } finally {
        await Promise.all(zombies.map(({ proxy }) => proxy.close()));
      }
    }),
);
