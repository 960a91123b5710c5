import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { definitions } from '../../src/activities/metrics';
import { serverAddresses } from '../support/servers';
import type { Sample } from '../support/exposition';
import { besideWorker, type ObservedWorker, startObservedWorker } from '../support/observed';
import { until } from '../support/poll';
import { metricsIn } from '../support/promql';
import { connectTemporal } from '../support/temporal';
import { runCli, startCli } from './cli';

/* One real worker goes through all that a worker can be watched at: rows, an attempt that fails, a table that fails for
 * good, rows that differ, and a drain. */

const CANARY = 'canary-5f1c';
const monitoring = path.resolve(__dirname, '../../monitoring');

let observed: ObservedWorker;
/** When it began, in seconds since 1970. Of a watermark the parts of a second are left out. */
const began = Math.floor(Date.now() / 1000) - 1;
beforeAll(async () => {
  observed = await startObservedWorker({
    prepare: `
      CREATE TABLE readings (at timestamptz PRIMARY KEY, note text);
      INSERT INTO readings SELECT now() - n * interval '1 second', '${CANARY}-' || n FROM generate_series(1, 2000) n;
      ANALYZE readings`,
    tables: [
      { name: 'readings', cursor: 'at' },
      { name: 'missing', cursor: 'at' },
    ],
  });
  await besideWorker(observed, 'sync', '--json');
  await observed.source.query(
    `INSERT INTO readings SELECT now() - n * interval '1 microsecond', '${CANARY}-' || n FROM generate_series(1, 3) n`,
  );
  await withBrokenAttempt();
  await observed.source.query(
    `UPDATE readings SET note = '${CANARY}-changed' WHERE at = (SELECT min(at) FROM readings)`,
  );
  expect(await besideWorker(observed, 'reconcile', '--full', '--table', 'readings', '--json')).toMatchObject({
    code: 0,
  });
});
afterAll(() => observed.close());

/** A sync in which one batch's session ends while it waits for a lock, so that the batch is tried again. */
async function withBrokenAttempt(): Promise<void> {
  const blocker = await observed.destination.connect();
  try {
    await blocker.query('BEGIN; LOCK TABLE readings IN SHARE MODE');
    const running = besideWorker(observed, 'sync', '--table', 'readings', '--json');
    await until(async () => (await terminateWaiting()) > 0, { what: 'a batch that waits' });
    await blocker.query('ROLLBACK');
    expect(await running).toMatchObject({ code: 0 });
  } finally {
    await blocker.end();
  }
}

async function terminateWaiting(): Promise<number> {
  const { rows } = await observed.destination.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows.length;
}

/** The value of the one series of that name for the table. */
function valueOf(samples: Sample[], name: string, table = 'public.readings'): number | undefined {
  return samples.find((sample) => sample.name === name && sample.labels['table'] === table)?.value;
}

describe('metrics', () => {
  it('say what the runs did', async () => {
    const samples = await observed.samples();
    expect(valueOf(samples, 'tidemark_rows_total')).toBeGreaterThanOrEqual(2003);
    expect(valueOf(samples, 'tidemark_bytes_total')).toBeGreaterThan(2003 * CANARY.length);
    expect(valueOf(samples, 'tidemark_batches_total')).toBeGreaterThanOrEqual(5);
    expect(valueOf(samples, 'tidemark_batches_repeated_total')).toBe(1);
    expect(valueOf(samples, 'tidemark_batches_already_applied_total')).toBe(0);
    for (const end of ['read', 'write'])
      expect(valueOf(samples, `tidemark_${end}_duration_seconds_count`)).toBe(
        valueOf(samples, 'tidemark_batches_total'),
      );
    expect(valueOf(samples, 'tidemark_horizon_held_seconds')).toBe(0);
    const now = Date.now() / 1000;
    for (const name of ['watermark', 'completed']) {
      const at = valueOf(samples, `tidemark_${name}_timestamp_seconds`) ?? 0;
      expect(at).toBeGreaterThanOrEqual(began);
      expect(at).toBeLessThanOrEqual(now);
    }
    const lag = valueOf(samples, 'tidemark_lag_seconds');
    expect(lag).toBeGreaterThan(0);
    expect(lag).toBeLessThanOrEqual(now - began + 1);
    const differing = samples.filter(({ name }) => name === 'tidemark_differing_rows_total');
    expect(Object.fromEntries(differing.map(({ labels, value }) => [labels['kind'], value]))).toEqual({
      ...{ missing: 0, extra: 0, different: 1 },
    });
    expect(valueOf(samples, 'tidemark_differing_intervals')).toBe(0);
    expect(valueOf(samples, 'tidemark_failed_timestamp_seconds')).toBeUndefined();
    expect(valueOf(samples, 'tidemark_failed_timestamp_seconds', 'public.missing')).toBeGreaterThanOrEqual(
      began,
    );
    const connections = samples.filter(({ name }) => name === 'tidemark_connections');
    expect(connections.map(({ labels }) => `${labels['end'] ?? ''} ${labels['state'] ?? ''}`).sort()).toEqual(
      [
        ...['destination idle', 'destination in use', 'destination waiting'],
        ...['source idle', 'source in use', 'source waiting'],
      ],
    );
  });

  it('are all there, with the labels that they should have', async () => {
    const samples = await observed.samples();
    for (const [name, { kind, labels }] of Object.entries(definitions)) {
      const exported = { counter: `${name}_total`, gauge: name, histogram: `${name}_sum` }[kind];
      const found = samples.find((sample) => sample.name === exported);
      expect({ exported, labels: Object.keys(found?.labels ?? {}).sort() }).toEqual({
        exported,
        labels: expect.arrayContaining([...labels]) as string[],
      });
    }
  });

  it('have every name that the dashboard and the alerts ask for', async () => {
    const exported = new Set((await observed.samples()).map(({ name }) => name));
    const expressions = [...(await dashboardExpressions()), ...(await alertExpressions())];
    const wanted = new Set((await Promise.all(expressions.map(metricsIn))).flat());
    expect(wanted.size).toBeGreaterThan(15);
    expect([...wanted].filter((name) => !exported.has(name))).toEqual([]);
  });
});

async function dashboardExpressions(): Promise<string[]> {
  const schema = z.object({
    panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })).min(1) })).min(10),
  });
  const text = await readFile(path.join(monitoring, 'grafana-dashboard.json'), 'utf8');
  const { panels } = schema.parse(JSON.parse(text));
  return panels.flatMap(({ targets }) =>
    targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')),
  );
}

async function alertExpressions(): Promise<string[]> {
  const rule = z.object({
    alert: z.string(),
    expr: z.string(),
    annotations: z.object({ summary: z.string() }),
  });
  const schema = z.object({ groups: z.array(z.object({ rules: z.array(rule).min(5) })).length(1) });
  const { groups } = schema.parse(parse(await readFile(path.join(monitoring, 'alerts.yaml'), 'utf8')));
  return groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
}

describe('the log', () => {
  it('has the names of what it tells of', () => {
    const batch = { sync: observed.name, table: 'public.readings', activityType: 'copyBatch' };
    expect(observed.log()).toContainEqual(
      expect.objectContaining({
        ...{ ...batch, level: 20, msg: 'batch copied', attempt: 1 },
        workflowId: `tidemark:${observed.name}/public.readings`,
        run: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        interval: expect.stringMatching(/^\[.*, .*\)$/) as string,
        rows: expect.any(Number) as number,
      }),
    );
    expect(observed.log()).toContainEqual(
      expect.objectContaining({
        ...batch,
        level: 40,
        attempt: 2,
        msg: expect.stringMatching(/^batch read again/) as string,
      }),
    );
    expect(observed.log()).toContainEqual(
      expect.objectContaining({
        ...batch,
        level: 40,
        attempt: 1,
        type: 'ConnectionLost',
        msg: 'Activity failed',
      }),
    );
    expect(observed.log()).toContainEqual(
      expect.objectContaining({
        ...{ level: 30, msg: 'table completed', sync: observed.name, table: 'public.readings' },
        ...{ rows: 2000, seconds: expect.any(Number) as number },
      }),
    );
    expect(observed.log()).toContainEqual(
      expect.objectContaining({
        level: 50,
        msg: 'table failed',
        table: 'public.missing',
        type: 'Configuration',
      }),
    );
    expect(observed.log()).toContainEqual(
      expect.objectContaining({ level: 40, msg: 'rows differ', different: 1, missing: 0 }),
    );
  });

  it('holds no row value, password or connection URL', () => {
    const text = observed.worker.stderr();
    expect(text).toContain('batch copied');
    for (const secret of [CANARY, observed.source.url, observed.destination.url])
      expect(text).not.toContain(secret);
    expect(text).not.toContain(`:${serverAddresses().postgres.password}@`);
  });
});

test('runs have a memo that says what they are about', async () => {
  const client = await connectTemporal();
  try {
    const memo = async (id: string) => (await client.workflow.getHandle(id).describe()).memo;
    const { name: sync } = observed;
    expect(await memo(`tidemark:${sync}`)).toEqual({ sync, tables: ['public.readings'] });
    expect(await memo(`tidemark:${sync}/public.readings`)).toEqual({ sync, table: 'public.readings' });
  } finally {
    await client.connection.close();
  }
});

test.each(['metrics', 'health'] as const)(
  'a worker whose --%s is taken says so, and ends',
  async (option) => {
    const address = option === 'metrics' ? observed.metricsAddress : observed.healthAddress;
    const ended = await runCli(['worker', `--${option}`, address], { folder: observed.folder });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain(
      `--${option}: ${address} is taken by another process. Give another address`,
    );
  },
);

test('a worker that drains is alive and not ready, and ends', async () => {
  expect(await observed.probe('/healthz')).toEqual({ status: 200, body: { alive: true } });
  const ready = { status: 200, body: { ready: true, reasons: [] } };
  const says = (answer: object, what: string) =>
    until(async () => JSON.stringify(await observed.probe('/readyz')) === JSON.stringify(answer), { what });
  await says(ready, 'readiness');
  const blocker = await observed.destination.connect();
  try {
    await observed.source.query(`INSERT INTO readings VALUES (now(), 'late')`);
    await blocker.query('BEGIN; LOCK TABLE readings IN SHARE MODE');
    const { child, ended } = startCli(['sync', '--table', 'readings'], observed);
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await observed.destination.query(waiting)).rows.length > 0);
    observed.worker.child.kill('SIGTERM');
    const draining = { status: 503, body: { ready: false, reasons: ['draining'] } };
    await says(draining, 'a draining worker');
    expect((await observed.probe('/healthz')).status).toBe(200);
    await blocker.query('ROLLBACK');
    expect((await observed.worker.ended).code).toBe(0);
    // The rest of its run is for another worker.
    child.kill('SIGKILL');
    await ended;
  } finally {
    await blocker.end();
  }
});
