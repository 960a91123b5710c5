import path from 'node:path';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { type PostgresServer, startPostgres } from '../../src/embedded/postgres';
import { startTemporal, type TemporalServer } from '../../src/embedded/temporal';
import { until } from '../support/poll';
import { inScene, type Scene } from './scene';

/** Slow enough that a server's end comes in the middle. */
const SLOW = { slowMs: 120 };

/** A server of each kind for each test, since each kills its own. */
let temporal: TemporalServer;
let source: PostgresServer;
let destination: PostgresServer;
const folder = temporaryFolder();

beforeAll(async () => {
  const postgres = (name: string) => startPostgres({ folder: path.join(folder, name), durable: false });
  [temporal, source, destination] = await Promise.all([
    startTemporal({ folder: path.join(folder, 'temporal') }),
    postgres('source'),
    postgres('destination'),
  ]);
});

afterAll(() => Promise.all([temporal.stop(), source.stop(), destination.stop()]));

/** Waits until some batches are copied, and most are not. */
async function untilUnderWay(scene: Scene, batches: number): Promise<void> {
  await until(async () => (await scene.committed()) >= batches, {
    what: 'the first batches',
  });
}

test.concurrent("Temporal's server is killed in the middle, and started again on its file", () =>
  inScene({ temporal: temporal.address }, async (scene) => {
    await scene.start();
    await scene.worker(SLOW);
    await untilUnderWay(scene, 6);
    await temporal.kill('SIGKILL');
    const before = await scene.committed();
    const port = Number(temporal.address.split(':')[1]);
    temporal = await startTemporal({ folder: path.join(folder, 'temporal'), port });
    const summary = await scene.result();
    expect(await scene.committed()).toBeGreaterThan(before);
    await scene.expectExactlyOnce(summary, 1);
  }),
);

test.concurrent(
  'source and destination are shut down in the middle, one after the other, and started again',
  () =>
    inScene({ source, destination }, async (scene) => {
      await scene.start();
      await scene.worker(SLOW);
      // SIGQUIT: PostgreSQL's immediate shutdown, as in a crash; it recovers from its log when it starts.
      const faults = (['SIGQUIT', 'SIGINT'] as const).flatMap((signal) =>
        [source, destination].map((server) => ({ server, signal })),
      );
      let batches = 6;
      for (const { server, signal } of faults) {
        await untilUnderWay(scene, batches);
        await server.kill(signal);
        await server.restart();
        batches = (await scene.committed()) + 4;
      }
      const summary = await scene.result();
      expect(await scene.committed()).toBeGreaterThan(batches);
      await scene.expectExactlyOnce(summary, faults.length);
    }),
);
