import type { BatchMoment } from '../../src/activities/dependencies';
import { until } from '../support/poll';
import { Random } from '../support/random';
import { inScene, tables } from './scene';

const moments: BatchMoment[] = ['before-begin', 'locked', 'mid-copy', 'before-commit', 'committed'];

describe('a worker that is killed', () => {
  test.concurrent.each(moments)(
    '%s, once in a batch of each write mode, costs at most the batches in flight',
    (moment) =>
      inScene({}, async (scene) => {
        await scene.start();
        for (const table of tables) {
          const act = { moment, tables: [table], time: 2, signal: 'SIGKILL' } as const;
          const worker = await scene.worker({ act });
          await until(() => worker.ended, {
            what: `the worker's death at ${moment} of ${table}`,
          });
          expect(worker.trace().at(-1)).toMatchObject({ moment: 'acting', table });
        }
        await scene.worker();
        const summary = await scene.result();
        await scene.expectExactlyOnce(summary);
        const found = summary.tables.reduce((sum, { alreadyApplied }) => sum + alreadyApplied, 0);
        if (moment === 'committed') expect(found).toBeGreaterThanOrEqual(tables.length);
      }),
  );

  test.concurrent('at random times, several times over, costs at most the batches in flight', () =>
    inScene({}, async (scene) => {
      const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
      console.log(`SEED=${seed}`);
      const random = new Random(seed);
      await scene.start();
      for (let kill = 1; kill <= 3; kill++) {
        const worker = await scene.worker({ slowMs: 40 });
        await worker.reaches('before-begin');
        const at = Date.now() + random.next() * 400;
        await until(() => Date.now() >= at, { what: 'the time to kill' });
        await worker.kill('SIGKILL');
      }
      await scene.worker();
      await scene.expectExactlyOnce(await scene.result());
    }),
  );
});
