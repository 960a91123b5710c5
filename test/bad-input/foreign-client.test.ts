import path from 'node:path';
import { ApplicationFailure, Client } from '@temporalio/client';
import { type Payload } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { childId, syncWorkflowId } from '../../src/plan/workflow-ids';
import { createGate } from '../support/gate';
import { startSyncHarness, type SyncHarness, summaryOf, type TestSync } from '../support/sync-harness';
import { temporalAddress, uniqueName } from '../support/temporal';
import { CANARY, garbage, garbageFor, raw } from './garbage';

/* What any client of the same Temporal may send: each run of its own fails in words, and nothing else is touched. */

const WORKFLOWS = ['sync', 'syncTable', 'reconcile', 'reconcileTable', 'scheduledSync', 'watch'];
/** Temporal lets ten updates of a workflow be in flight. */
const AT_ONCE = 8;

let harness: SyncHarness;
let held: TestSync;
const gate = createGate();
let running: Promise<unknown>;

/** A sync is under way all the time, its first batch held until the end: nothing of what is sent may harm it. */
beforeAll(async () => {
  harness = await startSyncHarness({ slots: 40 });
  await harness.source.query(
    `CREATE TABLE held (at timestamptz PRIMARY KEY);
     INSERT INTO held SELECT now() - i * interval '1 minute' FROM generate_series(1, 100) i`,
  );
  held = await harness.configure({ tables: [{ name: 'held', cursor: 'at', batch: { rows: 20 } }] });
  const begun = new Promise<void>((resolve) => {
    harness.onMoment = (moment) => {
      resolve();
      return moment === 'before-begin' ? gate.opened : undefined;
    };
  });
  running = summaryOf(await held.start());
  await begun;
});
afterAll(() => harness.stop());

const heldRun = () => syncWorkflowId(held.name);
const heldTable = () => childId(heldRun(), 'public.held');

async function inLanes<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await each(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** One line, which ends with what to do, and holds nothing of what was sent. */
function expectWords(message: string): void {
  expect(message).toMatch(/^[^\n]{10,600}\. [A-Z][^\n]+\.$/);
  expect(message).not.toContain(CANARY);
}

/** What a run failed with: its own failure, or that of the activity or child that ended it. */
async function failureOf(run: { result(): Promise<unknown> }): Promise<ApplicationFailure> {
  let error = await run.result().catch((thrown: unknown) => thrown);
  while (error instanceof Error && !(error instanceof ApplicationFailure)) error = error.cause;
  if (error instanceof ApplicationFailure) return error;
  throw new Error('It did not fail');
}

function start(type: string, args: unknown[], client: Client = harness.client) {
  return client.workflow.start(type, {
    workflowId: uniqueName('foreign'),
    taskQueue: harness.taskQueue,
    args,
  });
}

it.each(WORKFLOWS)('a run of %s that is given garbage fails, and says why', async (type) => {
  await inLanes([undefined, ...garbage], async (sent) => {
    const failure = await failureOf(await start(type, sent ? [raw(sent[1])] : []));
    expect([sent?.[0], failure.type, failure.nonRetryable]).toEqual([sent?.[0], 'InvalidInput', true]);
    expectWords(failure.message);
  });
});

it('nobody can start a run as if it went on from another', async () => {
  const table = { sync: held.name, table: 'public.held', paused: false, lanes: 1 };
  const compared = { ...table, depth: 'full', repair: true, allowDeletes: false };
  const runs: [string, unknown[]][] = [
    ['sync', [{ sync: held.name }, { tables: [], lanes: { tables: 0, intervals: 0 } }]],
    ['reconcile', [{ sync: held.name }, {}]],
    ['syncTable', [{ ...table, carried: {} }]],
    ['reconcileTable', [{ ...compared, carried: {} }]],
    ['watch', [{ sync: held.name, tables: { __proto__: null } }]],
    ['watch', [{ sync: held.name, tables: 7 }]],
    ['watch', [{ sync: held.name, nextLookMs: 'soon' }]],
  ];
  for (const [type, args] of runs) {
    const failure = await failureOf(await start(type, args));
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expectWords(failure.message);
  }
});

it('a run whose shape is right and whose names are not fails by its activities', async () => {
  const names = ['nowhere', 'a"b', "'; DROP TABLE x; --", '🐟', 'a\nb', '../../etc/passwd'];
  const tables = ['a b c', '"open', 'a.b.c', '', '"\0"', '"' + 'x'.repeat(64) + '"', 'nowhere', '*', '💥'];
  const runs = ['sync', 'reconcile', 'scheduledSync'].flatMap((type) => names.map((sync) => [type, sync]));
  await inLanes(runs, async ([type = '', sync]) => {
    expect(await failureOf(await start(type, [{ sync }]))).toMatchObject({ type: 'UnknownSync' });
  });
  await inLanes(tables, async (table) => {
    const input = { sync: held.name, table, paused: false, lanes: 1 };
    const runs = [
      start('sync', [{ sync: held.name, tables: [table] }]),
      start('syncTable', [input]),
      start('reconcileTable', [{ ...input, depth: 'full', repair: false, allowDeletes: false }]),
    ];
    for (const run of runs) {
      const failure = await failureOf(await run);
      expect(['InvalidInput', 'Configuration', 'UnknownTable']).toContain(failure.type);
      expect(failure.nonRetryable).toBe(true);
      expectWords(failure.message);
    }
  });
});

it('an input or a header of a trace, or a memo, that cannot be read ends no run', async () => {
  const [[, broken] = ['', {}]] = garbage.filter(([name]) => name === 'half of a text');
  const interceptors = {
    workflow: [
      {
        startWithDetails: (input: { headers: Record<string, Payload> }, next: (input: never) => never) =>
          next({ ...input, headers: { '_tracer-data': broken } } as never),
      },
    ],
  };
  const client = new Client({
    connection: harness.client.connection,
    interceptors: interceptors as never,
  });
  const run = await client.workflow.start('sync', {
    workflowId: uniqueName('foreign'),
    taskQueue: harness.taskQueue,
    args: [{ sync: 'nowhere' }],
    memo: { sync: raw(broken) },
  });
  expect(await failureOf(run)).toMatchObject({ type: 'UnknownSync' });
});

it('updates of garbage are refused, those that have no handler, too', async () => {
  const handle = harness.client.workflow.getHandle(heldRun());
  const updates = ['pause', 'skip', 'tune'].flatMap((update) =>
    garbageFor(update).map(([, sent]) => ({ update, sent })),
  );
  const others = ['resume', 'retry', 'nowhere'].flatMap((update) =>
    garbageFor(update)
      .slice(0, 5)
      .map(([, sent]) => ({ update, sent })),
  );
  await inLanes([...updates, ...others], async ({ update, sent }) => {
    const refused = handle.executeUpdate(update, { args: [raw(sent)] });
    const { cause } = (await refused.catch((error: unknown) => error)) as Error;
    if (update === 'nowhere') {
      expect(cause).toMatchObject({ message: expect.stringContaining('nowhere') });
      return;
    }
    expect(cause).toMatchObject({ type: 'InvalidInput' });
    expectWords((cause as Error).message);
  });
});

it('queries with garbage are answered or refused', async () => {
  for (const id of [heldRun(), heldTable()])
    await inLanes(garbage, async ([, sent]) => {
      const handle = harness.client.workflow.getHandle(id);
      await expect(handle.query('progress', raw(sent))).resolves.toBeDefined();
      await expect(handle.query('nowhere', raw(sent))).rejects.toThrow(/nowhere/);
    });
});

it('signals of garbage are left out', async () => {
  const signals = [
    ...[heldRun(), heldTable()].map((id) => [id, 'nowhere']),
    ...[
      [heldRun(), 'steered'],
      [heldTable(), 'steer'],
      [heldTable(), 'setPaused'],
    ],
  ] as [string, string][];
  for (const [id, signal] of signals)
    await inLanes(garbageFor(signal), ([, sent]) =>
      harness.client.workflow.getHandle(id).signal(signal, raw(sent), raw(sent)),
    );
  const watch = await start('watch', [{ sync: 'nowhere' }]);
  await inLanes(garbageFor('observed'), ([, sent]) => watch.signal('observed', raw(sent)));
  expect(await failedTasks(watch.workflowId)).toBe(0);
  expect((await watch.describe()).status.name).toBe('RUNNING');
  await watch.terminate();
});

it('activities that a foreign workflow calls with garbage fail at once', async () => {
  const taskQueue = uniqueName('queue');
  const connection = await NativeConnection.connect({ address: temporalAddress() });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowsPath: path.join(__dirname, 'foreign-workflow.ts'),
  });
  const names = [
    ...['planSync', 'completeIdle', 'planTable', 'copyBatch', 'compressInterval', 'completeTable'],
    ...['planReconcile', 'comparePortion', 'raiseAlarms', 'weighDeletes', 'completeReconcile'],
  ];
  const small = garbage.filter(([, { data }]) => (data?.length ?? 0) < 2_000);
  const failures = await worker.runUntil(async () => {
    const runs = names.map((activity) =>
      harness.client.workflow.execute('callActivities', {
        workflowId: uniqueName('foreign'),
        taskQueue,
        args: [
          harness.taskQueue,
          [{ activity }, ...small.map(([, sent]) => ({ activity, payload: plain(sent) }))],
        ],
      }),
    );
    return (await Promise.all(runs)).flat() as (string | null)[];
  });
  await connection.close();
  expect(failures).toHaveLength(names.length * (small.length + 1));
  for (const failure of failures) {
    expect(failure).toMatch(/^InvalidInput true: /);
    expectWords(failure?.replace('InvalidInput true: ', '') ?? '');
  }
});

it('the sync that was under way goes on to its end, and no task of its runs has failed', async () => {
  gate.open();
  expect(await running).toMatchObject({ ok: true, tables: [{ state: 'completed', rows: 100 }] });
  await harness.expectEqual('held');
  for (const id of [heldRun(), heldTable()]) expect(await failedTasks(id)).toBe(0);
});

async function failedTasks(workflowId: string): Promise<number> {
  const { events } = await harness.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter(({ workflowTaskFailedEventAttributes: failed }) => failed).length;
}

function plain({ metadata, data }: Payload): { metadata: Record<string, number[]>; data?: number[] } {
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([key, bytes]) => [key, [...bytes]])),
    ...(data && { data: [...data] }),
  };
}
