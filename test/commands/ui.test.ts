import { request } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { type Snapshot, snapshotSchema } from '../../src/ui/snapshot';
import { pauseUpdate, resumeUpdate, syncProgressQuery } from '../../src/workflows/messages';
import { accessibilityFaults, itInBrowser, launchBrowser, PATIENCE_MS } from '../support/browser';
import { until } from '../support/poll';
import { startSyncHarness, type SyncHandle, type SyncHarness, type TestSync } from '../support/sync-harness';
import { temporalAddress } from '../support/temporal';
import { startTimescaleDatabase } from '../support/timescale';
import { type CliProcess, expectNoLeak, runCli, startCli } from './cli';

/* The page over a load that stands still in its middle: embedded TimescaleDB, a real server, a real browser. */

const ODD = 'public."<img src=x onerror=document.title=1>"';
const DAY_MS = 86_400_000;
const today = Math.floor(Date.now() / DAY_MS);
/** Midnight, in UTC, of the nth of twenty days up to today. */
const day = (n: number): string => new Date((today - 20 + n) * DAY_MS).toISOString().slice(0, 10);
const started: CliProcess[] = [];
let harness: SyncHarness;
let sync: TestSync;
let run: SyncHandle;
let url: string;
/** Of one that reaches neither Temporal nor the destination. */
let blindUrl: string;

/** Runs a command with the sync's configuration. */
const cli = (command: string, ...args: string[]) =>
  runCli([command, '-c', sync.config.file, ...args], { folder: harness.folder });

/** Starts the page's server, and gives where it answers. */
async function startUi(...args: string[]): Promise<string> {
  const cli = startCli(['ui', '--json', '--port', '0', ...args], { folder: harness.folder });
  started.push(cli);
  let stdout = '';
  cli.child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
  await until(() => stdout.includes('\n'), { what: 'the page to be served' });
  const { url: found } = JSON.parse(stdout) as { url: string };
  return found;
}

async function snapshot(from = url): Promise<Snapshot> {
  const response = await fetch(new URL('/api/snapshot', from));
  return snapshotSchema.parse(await response.json());
}

beforeAll(async () => {
  const source = await startTimescaleDatabase();
  harness = await startSyncHarness({ source });
  const { config } = await harness.configure({
    source: { url: source.url, maxConnections: 1 },
    temporal: { address: '127.0.0.1:1', taskQueue: harness.taskQueue },
    destination: { url: 'postgres://writer:secret@127.0.0.1:1/nowhere' },
    tables: [{ name: 'readings', cursor: 'at' }],
  });
  blindUrl = await startUi('-c', config.file);
  // It takes ten seconds to give Temporal up, which pass meanwhile.
  await snapshot(blindUrl);
  await source.query(
    'CREATE TABLE readings (at timestamptz NOT NULL, sensor int NOT NULL, v float8, PRIMARY KEY (sensor, at))',
  );
  await source.query(`SELECT create_hypertable('readings', 'at', chunk_time_interval => interval '1 day')`);
  await source.query(`INSERT INTO readings SELECT '${day(0)} 00:00:00+00'::timestamptz + n * interval '10 minutes', n % 3, n
    FROM generate_series(0, 2879) n`);
  await source.query(`CREATE TABLE ${ODD} (id int PRIMARY KEY, at timestamptz NOT NULL)`);
  await source.query(`INSERT INTO ${ODD} VALUES (1, '2026-01-01'), (2, '2026-01-02')`);
  const settings = {
    temporal: { address: temporalAddress(), taskQueue: harness.taskQueue },
    source: { url: source.url, maxConnections: 1 },
    defaults: { batch: { rows: 50 } },
    parallelism: { intervals: 1 },
    tables: [
      { name: 'readings', cursor: 'at' },
      { name: ODD, cursor: 'at' },
    ],
  };
  sync = await harness.configure(settings);
  // Twenty chunks copied and compared; two of them dropped; a row that the destination lost, and was found to lack.
  expect((await sync.run()).ok).toBe(true);
  const compare = async (repair: boolean): Promise<unknown> => {
    const handle = await harness.client.workflow.start('reconcile', {
      workflowId: `tidemark:${sync.name}:reconcile`,
      taskQueue: harness.taskQueue,
      args: [{ sync: sync.name, depth: 'full', repair }],
    });
    return handle.result().catch((error: unknown) => error);
  };
  await compare(true);
  await source.query(`SELECT drop_chunks('readings', older_than => '${day(2)}'::timestamptz)`);
  await harness.destination.query(`DELETE FROM readings WHERE at = '${day(5)} 12:00:00+00'`);
  await compare(false);
  // Two stretches are to be copied again, of which a part is copied when the run is told to pause.
  for (const [from, to] of [
    [day(13), day(15)],
    [day(16), day(18)],
  ] as const)
    expect(await cli('resync', '--table', 'readings', '--from', from, '--to', to)).toMatchObject({ code: 0 });
  let batches = 0;
  let paused: Promise<unknown> | undefined;
  harness.onMoment = (moment, { table }) => {
    if (moment === 'before-commit' && table === 'public.readings' && ++batches === 3)
      paused = run.executeUpdate(pauseUpdate, { args: [undefined] });
    return batches >= 3 ? paused?.then(() => undefined) : undefined;
  };
  run = await sync.start();
  await until(async () => (await run.query(syncProgressQuery)).state === 'paused' && paused !== undefined, {
    what: 'the run to be paused',
  });
  await paused;
  url = await startUi('-c', sync.config.file, '--temporal-ui', 'http://localhost:8233/');
});

afterAll(async () => {
  for (const { child } of started) child.kill('SIGINT');
  for (const { ended } of started) {
    const result = await ended;
    expect(result.code).toBe(0);
    expectNoLeak(result, [harness.destination.endpoint.password]);
  }
  await run.executeUpdate(resumeUpdate, { args: [undefined] });
  await run.result();
  await harness.stop();
});

const statesOf = ({ tables }: Snapshot): string[] => [
  ...new Set((tables[0]?.strip?.stretches ?? []).map(({ state }) => state)),
];

test('the snapshot tells of a load in its middle: every state, chunks, lag, runs and links', async () => {
  const all = await until(
    async () => {
      const found = await snapshot();
      return found.source.state === 'ok' && statesOf(found).length === 5 ? found : undefined;
    },
    { what: 'a stretch of each state' },
  );
  expect(statesOf(all).sort()).toEqual(['copied', 'differing', 'dropped', 'underWay', 'waiting']);
  expect(all.run).toMatch(/^paused since 20/);
  expect(all).toMatchObject({ actions: false, runs: [{ paused: true }, {}, {}, {}] });
  const [readings, odd] = all.tables;
  expect(readings).toMatchObject({
    table: 'public.readings',
    chunks: 18,
    link: `http://localhost:8233/namespaces/default/workflows/${encodeURIComponent(`tidemark:${sync.name}/public.readings`)}`,
  });
  expect(readings?.strip?.from).toBe(`${day(0)} 00:00:00+00`);
  const dropped = readings?.strip?.stretches.filter(({ state }) => state === 'dropped');
  expect(dropped).toMatchObject([{ from: `${day(0)} 00:00:00+00`, to: `${day(2)} 00:00:00+00`, count: 2 }]);
  expect(odd).toMatchObject({ table: ODD, rows: 2, lag: { ms: 0 }, trouble: null });
  expect(all.runs.map(({ kind, status }) => [kind, status])).toEqual([
    ['sync', 'running'],
    ['reconcile', 'failed'],
    ['reconcile', 'completed'],
    ['sync', 'completed'],
  ]);
  expect(all.runs[0]?.link).toMatch(
    /^http:\/\/localhost:8233\/namespaces\/default\/workflows\/tidemark%3A.*\/history$/,
  );
  expect(all.horizon).toMatch(
    /^The horizon rests on the settle delay alone: this server does not show its sessions/,
  );
});

test('it answers to names that nobody else can take, to GET alone, and forbids what comes from elsewhere', async () => {
  const ask = (
    headers: Record<string, string>,
    method = 'GET',
    path = '/',
  ): Promise<[number, string, string]> =>
    new Promise((resolve, reject) => {
      request(new URL(path, url), { method, headers }, (response) => {
        response.resume();
        const { 'content-security-policy': policy = '', 'access-control-allow-origin': cors = 'none' } =
          response.headers;
        response.once('end', () => resolve([response.statusCode ?? 0, String(policy), cors]));
      })
        .once('error', reject)
        .end();
    });
  const { port } = new URL(url);
  for (const host of [`127.0.0.1:${port}`, 'localhost', `[::1]:${port}`, 'LOCALHOST:80'])
    expect(await ask({ host })).toEqual([200, expect.stringContaining("default-src 'self'"), 'none']);
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.evil.example',
  ]) {
    expect((await ask({ host }))[0]).toBe(421);
    expect((await ask({ host }, 'GET', '/api/snapshot'))[0]).toBe(421);
  }
  expect((await ask({}, 'POST', '/api/snapshot'))[0]).toBe(405);
  // Nor does it act, unless it was told so.
  expect((await ask({}, 'GET', '/api/actions'))[0]).toBe(404);
  for (const method of ['POST', 'PUT'])
    expect((await ask({ origin: new URL(url).origin }, method, '/api/actions'))[0]).toBe(405);
  expect((await ask({}, 'GET', '/../package.json'))[0]).toBe(404);
  expect((await ask({ origin: 'http://evil.example' }, 'GET', '/api/snapshot'))[2]).toBe('none');
});

test('it does not listen where others reach it, nor where something listens, unless told so', async () => {
  expect(await cli('ui', '--host', '0.0.0.0')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no login') as string,
  });
  expect(await cli('ui', '--port', new URL(url).port)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('something listens on') as string,
  });
  expect(await cli('ui', '--temporal-ui', 'javascript:alert(1)')).toMatchObject({ code: 2 });
});

test('what cannot be reached is a message, and the rest is shown', async () => {
  const found = await until(async () => {
    const now = await snapshot(blindUrl);
    return now.destination.state === 'failed' && now.temporal.state === 'failed' ? now : undefined;
  });
  expect(found.destination.message).toMatch(/127\.0\.0\.1:1\/nowhere as writer/);
  expect(found.temporal.message).toMatch(/^Temporal at 127\.0\.0\.1:1 cannot be reached/);
  expect(found.tables).toMatchObject([
    { table: 'public.readings', state: 'unknown', rows: null, strip: null },
  ]);
  expect(JSON.stringify(found)).not.toContain('secret');
});

describe('in Chromium', () => {
  let browser: Browser | undefined;
  afterAll(() => browser?.close());

  const open = async (scheme: 'light' | 'dark', width: number): Promise<Page> => {
    browser ??= await launchBrowser();
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 800 } });
    page.setDefaultTimeout(PATIENCE_MS);
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(url);
    await page.waitForSelector('.strip .differing');
    expect(faults).toEqual([]);
    return page;
  };

  itInBrowser('names are text, never markup; keys go from table to table and open them', async () => {
    const page = await open('light', 1200);
    expect(await page.locator('.name').allTextContents()).toEqual(['public.readings', ODD]);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('#actions:visible, .act:visible').count()).toBe(0);
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('public.readings');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.more table');
    const stretches = await page.locator('.more .scroll tbody tr').allInnerTexts();
    expect(stretches[0]).toMatch(new RegExp(`dropped at the source\\s+${day(0)}\\s+${day(2)}\\s+2`));
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.textContent')).toBe(ODD);
    expect(await page.locator('.strip').first().getAttribute('aria-label')).toMatch(
      /^From .* to .*copied.*under way.*waiting.*differing.*dropped at the source/,
    );
    // The focus stays when the next snapshot comes.
    const asOf = await page.locator('#as-of').textContent();
    await until(async () => (await page.locator('#as-of').textContent()) !== asOf);
    expect(await page.evaluate('document.activeElement.textContent')).toBe(ODD);
    await page.close();
  });

  itInBrowser.each([
    ['light', 1200],
    ['dark', 1200],
    ['light', 400],
    ['dark', 400],
  ] as const)('%s, %i wide: it fits, and axe finds nothing in the way of anybody', async (scheme, width) => {
    const page = await open(scheme, width);
    await page.click('.name');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await accessibilityFaults(page)).toEqual([]);
    if (process.env['SCREENSHOTS'] !== undefined)
      await page.screenshot({
        path: `${process.env['SCREENSHOTS']}/ui-${scheme}-${width}.png`,
        fullPage: true,
      });
    await page.close();
  });
});

test('status --watch prints a line each time with --json, ends with Ctrl-C, and needs a terminal without', async () => {
  const watch = ['status', '--watch', '-c', sync.config.file];
  expect(await runCli(watch, { folder: harness.folder })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Add --json') as string,
  });
  const cli = startCli([...watch, '--json'], { folder: harness.folder });
  let lines = 0;
  cli.child.stdout?.on('data', (data: Buffer) => (lines += data.toString().split('\n').length - 1));
  await until(() => lines >= 2, { what: 'two lines' });
  cli.child.kill('SIGINT');
  const { code, stdout } = await cli.ended;
  expect(code).toBe(0);
  for (const line of stdout.trim().split('\n'))
    expect(JSON.parse(line)).toMatchObject({ ok: true, sync: sync.name, run: { state: 'running' } });
});
