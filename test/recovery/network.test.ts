import { until } from '../support/poll';
import { type Link, type Proxy, startProxy } from '../support/proxy';
import { serverAddresses } from '../support/servers';
import type { TraceLine } from '../support/worker-process';
import { inScene, type Scene } from './scene';

/** What a batch's session sends once its rows are written. */
const ADVANCE = 'UPDATE tidemark.intervals SET position';

/** A scene whose workers reach the destination through a proxy that `onRequest` works on. */
async function behindProxy(
  onRequest: (data: Buffer, link: Link) => void,
  options: { maxConnections?: number },
  test: (scene: Scene, proxy: Proxy) => Promise<void>,
): Promise<void> {
  const proxy = await startProxy(serverAddresses().postgres, onRequest);
  try {
    await inScene({ destinationProxy: proxy, ...options }, (scene) => test(scene, proxy));
  } finally {
    await proxy.close();
  }
}

test.concurrent('the answer to COMMIT is lost: the batch is found applied, and copied once', async () => {
  const advanced = new WeakSet<Link>();
  let lost = 0;
  let seen = 0;
  const loseAnswers = (data: Buffer, link: Link): void => {
    if (data.includes(ADVANCE)) advanced.add(link);
    if (!advanced.has(link) || !data.includes('COMMIT')) return;
    advanced.delete(link);
    seen += 1;
    if (seen % 5 !== 0) return;
    lost += 1;
    link.loseAnswer();
  };
  await behindProxy(loseAnswers, {}, async (scene) => {
    await scene.start();
    const worker = await scene.worker();
    const summary = await scene.result();
    await scene.expectExactlyOnce(summary, lost);
    const sum = (key: 'alreadyApplied' | 'repeated') =>
      summary.tables.reduce((total, table) => total + table[key], 0);
    expect(lost).toBeGreaterThan(2);
    expect({ applied: sum('alreadyApplied'), repeated: sum('repeated') }).toEqual({
      applied: lost,
      repeated: 0,
    });
    const copied = worker.trace().filter(({ moment }) => moment === 'before-commit').length;
    expect(copied).toBe(await scene.committed());
  });
});

test.concurrent('connections are cut in the middle, again and again', async () => {
  let copies = 0;
  let cuts = 0;
  const cut = (data: Buffer, link: Link): void => {
    if (!data.includes('COPY ') || ++copies % 6 !== 0) return;
    cuts += 1;
    link.cut();
  };
  await behindProxy(cut, {}, async (scene) => {
    await scene.start();
    await scene.worker();
    const summary = await scene.result();
    await scene.expectExactlyOnce(summary, cuts);
    expect(cuts).toBeGreaterThan(2);
  });
});

test.concurrent.each([
  ['while rows are copied', 'COPY ', 6],
  ['before COMMIT', ADVANCE, 6],
  ['while rows are copied, and it was the only connection', 'COPY ', 1],
])(
  'a connection to the destination goes half-open %s: the retry ends the session that holds the lock',
  async (_, request, maxConnections) => {
    let frozen = 0;
    let seen = 0;
    const freeze = (data: Buffer, link: Link): void => {
      if (!data.includes(request) || ++seen !== 4) return;
      frozen += 1;
      // What was sent with the request still arrives; then nothing more, in either direction.
      setImmediate(() => link.freeze());
    };
    await behindProxy(freeze, { maxConnections }, async (scene) => {
      await scene.start();
      await scene.worker();
      const summary = await scene.result();
      await scene.expectExactlyOnce(summary, 1);
      expect(frozen).toBe(1);
      expect(summary.tables.reduce((total, { repeated }) => total + repeated, 0)).toBeGreaterThanOrEqual(1);
    });
  },
);

test.concurrent(
  'a connection that was half-open comes back once its batch was copied by the retry: nothing is written twice',
  async () => {
    let stalled: Link | undefined;
    let seen = 0;
    const freeze = (data: Buffer, link: Link): void => {
      // Of the other tables the key would keep a row from being written twice.
      if (!data.includes('COPY ') || !data.includes('by_append') || ++seen !== 2) return;
      stalled = link;
      setImmediate(() => link.freeze());
    };
    await behindProxy(freeze, {}, async (scene) => {
      await scene.start();
      const worker = await scene.worker({ slowMs: 100 });
      await until(() => wasRetried(worker.trace()), {
        what: 'a batch that was tried again',
      });
      stalled?.thaw();
      const summary = await scene.result();
      // The first attempt has had its say, too.
      await worker.kill('SIGTERM');
      await until(() => worker.ended, { what: "the worker's end" });
      await scene.expectExactlyOnce(summary, 1);
    });
  },
);

/** Whether a batch was locked a second time, and committed then. */
function wasRetried(trace: TraceLine[]): boolean {
  const same = (one: TraceLine, other: TraceLine): boolean =>
    one.table === other.table && one.interval === other.interval && one.position === other.position;
  return trace.some(
    (line, index) =>
      line.moment === 'committed' &&
      trace.slice(0, index).filter((before) => before.moment === 'locked' && same(before, line)).length > 1,
  );
}
