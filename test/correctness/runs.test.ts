import { execFileSync } from 'node:child_process';
import { WorkflowFailedError } from '@temporalio/client';
import type { sync as syncWorkflow } from '../../src/workflows';
import { pauseUpdate, resumeUpdate, syncProgressQuery } from '../../src/workflows/messages';
import { createGate } from '../support/gate';
import { until } from '../support/poll';
import {
  historyText,
  startSyncHarness,
  summaryOf,
  type SyncHarness,
  type TestSync,
} from '../support/sync-harness';
import { uniqueName } from '../support/temporal';

/* What runs do to each other, to those who steer them, to the servers, and what they leave in history. */

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterEach(() => (harness.onMoment = undefined));
afterAll(() => harness.stop());

async function table(name: string, rows: number): Promise<void> {
  await harness.source.query(
    `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL, note text DEFAULT 'n');
     INSERT INTO ${name} SELECT i, now() - (${rows} - i) * interval '1 second' FROM generate_series(1, ${rows}) i;
     ANALYZE ${name}`,
  );
}

/** One lane, batches of 5 rows. */
async function slowSync(name: string, rows: number): Promise<TestSync> {
  await table(name, rows);
  return harness.configure({
    parallelism: { tables: 1, intervals: 1 },
    tables: [{ name, cursor: 'at', batch: { rows: 5 } }],
  });
}

async function copied(name: string): Promise<number> {
  const { rows } = await harness.destination.query(`SELECT count(*) AS n FROM ${name}`);
  return Number(rows[0]?.n);
}

/** Holds what comes after the first three batches of the first run, until `goOn` says so. */
function holdRest(goOn: () => Promise<unknown>): void {
  let [first, begun] = [Infinity, 0];
  harness.onMoment = async (moment, { epoch }) => {
    first = Math.min(first, epoch);
    if (moment === 'before-begin' && epoch === first && ++begun > 3) await goOn();
  };
}

it('the run that plans last takes the table over, and the one before is told by whom', async () => {
  const sync = await slowSync('superseded', 100);
  const epoch = async () => {
    const { rows } = await harness.destination.query('SELECT epoch FROM tidemark.tables WHERE sync = $1', [
      sync.name,
    ]);
    return Number(rows[0]?.['epoch']);
  };
  holdRest(() => until(async () => (await epoch()) > 1));
  const first = await sync.start();
  await until(async () => (await copied('superseded')) > 10);
  const second = await harness.client.workflow.start<typeof syncWorkflow>('sync', {
    taskQueue: harness.taskQueue,
    workflowId: uniqueName('second'),
    args: [{ sync: sync.name }],
  });
  const [refused, done] = await Promise.all([summaryOf(first), summaryOf(second)]);
  expect(refused.tables[0]).toMatchObject({ state: 'failed', error: { type: 'Superseded' } });
  expect(refused.tables[0]?.error?.message).toContain(
    `superseded by run ${second.workflowId}/public.superseded (`,
  );
  expect(done).toMatchObject({ ok: true });
  expect((refused.tables[0]?.rows ?? 0) + (done.tables[0]?.rows ?? 0)).toBeLessThanOrEqual(100);
  await harness.expectEqual('superseded');
});

it('started twice under its own name, a sync runs once', async () => {
  const sync = await slowSync('started_twice', 20);
  const [first, second] = [await sync.start(), await sync.start()];
  expect(await first.result()).toEqual(await second.result());
  expect(second.firstExecutionRunId).toBe(first.firstExecutionRunId);
});

it('pauses between batches and goes on when told to', async () => {
  const sync = await slowSync('paused', 100);
  const gate = createGate();
  holdRest(() => gate.opened);
  const run = await sync.start();
  await until(async () => (await copied('paused')) > 10);
  await run.executeUpdate(pauseUpdate, { args: [{}] });
  expect(await run.query(syncProgressQuery)).toMatchObject({ state: 'paused' });
  gate.open();
  const child = harness.client.workflow.getHandle(`${run.workflowId}/public.paused`);
  // The batch in flight ends; then nothing is scheduled any more.
  const idle = async () => (await child.describe()).raw.pendingActivities?.length === 0;
  await until(idle);
  const before = await copied('paused');
  expect(before).toBeLessThan(100);
  // A batch takes some tens of milliseconds: had it gone on, this would show.
  for (let looks = 0; looks < 5; looks++) {
    expect(await idle()).toBe(true);
    expect(await child.query('progress')).toMatchObject({ state: 'paused', rows: before });
  }
  expect(await copied('paused')).toBe(before);
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  expect(await run.result()).toMatchObject({ ok: true });
  await harness.expectEqual('paused');
});

it('cancelled, it stops at a batch boundary, and the next run goes on from there', async () => {
  const sync = await slowSync('cancelled', 100);
  const gate = createGate();
  holdRest(() => gate.opened);
  const run = await sync.start();
  await until(async () => (await copied('cancelled')) > 10);
  await run.cancel();
  gate.open();
  await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(await run.query(syncProgressQuery)).toMatchObject({ tables: [{ state: 'cancelled' }] });
  const before = await copied('cancelled');
  expect(before % 5).toBe(0);
  expect(before).toBeLessThan(100);
  expect(await sync.copy()).toMatchObject({ rows: 100 - before });
  await harness.expectEqual('cancelled');
});

it.each([
  ['leaves a column out', { exclude: ['note'] }, 'column note is excluded since this run was planned'],
  ['names another target', { target: 'elsewhere' }, 'its target is public.elsewhere since this run was'],
])('a configuration that %s in the middle of a run stops it there', async (_, change, says) => {
  const name = `changed_${Object.keys(change)[0]}`;
  const sync = await slowSync(name, 100);
  const gate = createGate();
  holdRest(() => gate.opened);
  const run = await sync.start();
  await until(async () => (await copied(name)) > 10);
  const configured = harness.configure({
    name: sync.name,
    parallelism: { tables: 1, intervals: 1 },
    tables: [{ name, cursor: 'at', batch: { rows: 5 }, ...change }],
  });
  gate.open();
  const after = await configured;
  const { tables } = await summaryOf(run);
  expect(tables[0]).toMatchObject({ state: 'failed', error: { type: 'Configuration' } });
  expect(tables[0]?.error?.message).toContain(says);
  const before = await copied(name);
  expect(before).toBeLessThan(100);
  if ('target' in change) {
    expect(await after.fail()).toMatchObject({ type: 'Drift' });
    expect(await copied(name)).toBe(before);
    return;
  }
  expect(await after.copy()).toMatchObject({ rows: 100 - before });
  await harness.expectEqual(name, name, 'id, at');
  expect(await copied(`${name} WHERE note IS NOT NULL`)).toBe(before);
});

it('never takes more than maxConnections, and one is enough for several tables and lanes', async () => {
  const tables = ['crowd_a', 'crowd_b', 'crowd_c'];
  for (const name of tables) await table(name, 60);
  const sync = await harness.configure({
    source: { url: harness.source.url, maxConnections: 1 },
    destination: { url: harness.destination.url, maxConnections: 1 },
    parallelism: { tables: 3, intervals: 4 },
    defaults: { cursor: 'at', batch: { rows: 10 } },
    tables,
  });
  const counts = `SELECT datname, count(*) AS n FROM pg_stat_activity
    WHERE application_name LIKE 'tidemark%' AND datname IN ($1, $2) GROUP BY 1`;
  const databases = [harness.source.url, harness.destination.url].map((url) =>
    new URL(url).pathname.slice(1),
  );
  // Those of the tests before end by themselves, being unused.
  await until(async () => (await harness.source.query(counts, databases)).rows.length === 0);
  const seen: number[] = [];
  const state = { done: false };
  const running = sync.run().finally(() => (state.done = true));
  const most = async (): Promise<number> => {
    const { rows } = await harness.source.query(counts, databases);
    return Math.max(0, ...rows.map(({ n }) => Number(n)));
  };
  const sample = async (): Promise<boolean> => {
    const now = await most();
    // One that has just been closed still shows beside the next.
    seen.push(now > 1 ? await most() : now);
    return state.done;
  };
  await until(sample, { what: 'the end of the run' });
  expect(await running).toMatchObject({ ok: true });
  expect(Math.max(...seen)).toBe(1);
  for (const name of tables) await harness.expectEqual(name);
});

describe('a batch that was paused between its look at the checkpoint and its lock', () => {
  /** Runs a statement at the destination while the batch stands still, as a worker does that is paused. */
  function meanwhile(statement: string): void {
    const script = `const { Client } = require('pg'); const client = new Client(process.argv[1]);
      client.connect().then(() => client.query(process.argv[2])).then(() => client.end())`;
    const once = { done: false };
    harness.onMoment = (moment) => {
      if (moment !== 'before-begin' || once.done) return;
      once.done = true;
      execFileSync(process.execPath, ['-e', script, harness.destination.url, statement]);
    };
  }
  const append = (name: string) =>
    harness.configure({
      parallelism: { intervals: 1 },
      tables: [{ name, cursor: 'at', mode: 'append', batch: { rows: 10 } }],
    });

  it('is refused when another run has planned the table', async () => {
    await table('overtaken', 20);
    const sync = await append('overtaken');
    const mine = `WHERE sync = '${sync.name}'`;
    meanwhile(
      `UPDATE tidemark.tables SET epoch = epoch + 1, run = 'run other' ${mine}; UPDATE tidemark.intervals SET epoch = epoch + 1 ${mine}`,
    );
    expect(await sync.fail()).toMatchObject({
      type: 'Superseded',
      message: expect.stringContaining('superseded by run other') as string,
    });
    expect(await copied('overtaken')).toBe(0);
  });

  it('copies nothing when another attempt has applied it', async () => {
    await table('applied', 20);
    const sync = await append('applied');
    meanwhile(`UPDATE tidemark.intervals SET position = upper WHERE sync = '${sync.name}'`);
    expect(await sync.copy()).toMatchObject({ rows: 0, alreadyApplied: 1 });
    expect(await copied('applied')).toBe(0);
  });
});

it('leaves no secret and no value of a row in any history', async () => {
  const role = 'tidemark_history_test';
  await harness.source.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'canary-password'`);
  const withRole = (url: string) => ({ url: url.replace(/\/\/[^@]*@/, `//${role}:canary-password@`) });
  for (const name of ['leak_type', 'leak_unique', 'leak_check', 'leak_none']) {
    await table(name, 3);
    await harness.source.query(`UPDATE ${name} SET note = 'canary-value'`);
  }
  await harness.destination.query(
    `CREATE TABLE leak_unique (id int PRIMARY KEY, at timestamptz, note text UNIQUE);
     CREATE TABLE leak_check (id int PRIMARY KEY, at timestamptz, note text CHECK (note = ''))`,
  );
  const sync = await harness.configure({
    source: withRole(harness.source.url),
    destination: withRole(harness.destination.url),
    defaults: { cursor: 'at' },
    tables: [{ name: 'leak_type', types: { note: 'integer' } }, 'leak_unique', 'leak_check', 'leak_none'],
  });
  const run = await sync.start();
  const failure: unknown = await run.result().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  const names = sync.config.tables.map(({ written }) => `public.${written}`);
  const text = await historyText(harness.client, run.workflowId, names);
  await harness.destination.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP ROLE ${role}`);
  // That we can find something at all: what failed is told by its names.
  const known = [
    'leak_none',
    'ValueDoesNotFit',
    'DuplicateKey',
    'ConstraintViolated',
    'leak_check_note_check',
  ];
  expect(known.filter((name) => !text.includes(name))).toEqual([]);
  expect(text.match(/.{0,60}(canary|postgres(ql)?:\/\/).{0,60}/g)).toBeNull();
});
