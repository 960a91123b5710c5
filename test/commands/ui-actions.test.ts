import { request } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { syncWorkflowId } from '../../src/plan/workflow-ids';
import { type Snapshot, snapshotSchema } from '../../src/ui/snapshot';
import { syncProgressQuery } from '../../src/workflows/messages';
import { accessibilityFaults, itInBrowser, launchBrowser, PATIENCE_MS } from '../support/browser';
import { until } from '../support/poll';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';
import { type CliProcess, runCli, startCli } from './cli';
import { configureTwoTables, createTwoTables, DEVICES, READINGS } from './two-tables';

/* The page that may act, over runs of a real worker that are held in their middle. */

let harness: SyncHarness;
let sync: TestSync;
let ui: CliProcess;
/** Its address, with the token. */
let url: string;
/** Batches wait for it. */
let gate: Promise<void> | undefined;
let open = (): void => undefined;
/** Batches are held from now on, until they are let go. */
const hold = (): void => {
  gate ??= new Promise(
    (resolve) =>
      (open = () => {
        gate = undefined;
        resolve();
      }),
  );
};

beforeAll(async () => {
  harness = await startSyncHarness();
  await createTwoTables(harness);
  sync = await configureTwoTables(harness);
  harness.onMoment = async () => gate;
  ui = startCli(['ui', '--json', '--port', '0', '--allow-actions', '-c', sync.config.file], {
    folder: harness.folder,
  });
  let stdout = '';
  ui.child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
  await until(() => stdout.includes('\n'), { what: 'the page to be served' });
  ({ url } = JSON.parse(stdout) as { url: string });
});

afterAll(async () => {
  ui.child.kill('SIGINT');
  expect((await ui.ended).code).toBe(0);
  await run()
    .terminate()
    .catch(() => undefined);
  open();
  await harness.stop();
});

const run = () => harness.client.workflow.getHandle(syncWorkflowId(sync.name));
const stateOf = async (table: string): Promise<string | undefined> =>
  (await run().query(syncProgressQuery)).tables.find((one) => one.table === table)?.state;

async function snapshot(): Promise<Snapshot> {
  return snapshotSchema.parse(await (await fetch(new URL('/api/snapshot', url))).json());
}

interface Answer {
  status: number;
  body: string;
}

/** Asks as the page does, but for what is given. */
function ask(headers: Record<string, string | undefined>, body: string, method = 'POST'): Promise<Answer> {
  const { origin, host, hash } = new URL(url);
  const all = {
    ...{ host, origin, 'content-type': 'application/json', 'x-tidemark-token': hash.slice(1) },
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const asked = request(new URL('/api/actions', url), {
      method,
      headers: Object.fromEntries(
        Object.entries<string | undefined>(all).filter(([, value]) => value !== undefined),
      ),
    });
    asked.once('response', (response) => {
      let text = '';
      response.on('data', (data: Buffer) => (text += data.toString()));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    asked.once('error', reject).end(body);
  });
}

const START = '{"action":"sync"}';

test.each<[string, Record<string, string | undefined>, string, number, string]>([
  ['without the token', { 'x-tidemark-token': undefined }, START, 403, 'POST'],
  ['with another token', { 'x-tidemark-token': 'A'.repeat(43) }, START, 403, 'POST'],
  ['from a page of another origin', { origin: 'http://evil.example' }, START, 403, 'POST'],
  ['from a page of another port', { origin: 'http://127.0.0.1:1' }, START, 403, 'POST'],
  ['from nowhere', { origin: undefined }, START, 403, 'POST'],
  ['from a file, or a page in a sandbox', { origin: 'null' }, START, 403, 'POST'],
  ['by a name that leads here', { host: 'evil.example', origin: 'http://evil.example' }, START, 421, 'POST'],
  ['by the address of another machine', { host: '10.0.0.5', origin: 'http://10.0.0.5' }, START, 403, 'POST'],
  ['as a form sends it', { 'content-type': 'text/plain' }, START, 415, 'POST'],
  ['by GET', {}, '', 404, 'GET'],
  ['by OPTIONS, as a browser asks first', {}, '', 405, 'OPTIONS'],
  ['by PUT', {}, START, 405, 'PUT'],
  ['that there is not', {}, '{"action":"drop"}', 400, 'POST'],
  ['with more than it takes', {}, '{"action":"sync","table":"public.readings"}', 400, 'POST'],
  ['without its table', {}, '{"action":"skip"}', 400, 'POST'],
  ['that is no JSON', {}, 'action=sync', 400, 'POST'],
  ['that is too long', {}, `{"action":"${'x'.repeat(10_000)}"}`, 413, 'POST'],
])('an action %s is refused, and nothing is begun', async (_, headers, body, status, method) => {
  expect((await ask(headers, body, method)).status).toBe(status);
  await expect(run().describe()).rejects.toThrow(/not found/i);
});

test('who looks does not learn the token', async () => {
  const token = new URL(url).hash.slice(1);
  expect(token).toMatch(/^[\w-]{43}$/);
  for (const path of ['/', '/page.mjs', '/actions.mjs', '/api/snapshot'])
    expect(await (await fetch(new URL(path, url))).text()).not.toContain(token);
  expect(await snapshot()).toMatchObject({ actions: true });
});

test.each([
  ['--host', '0.0.0.0'],
  ['--host', '0.0.0.0', '--expose'],
  ['--expose'],
  ['--allow-host', 'tidemark.plant.example'],
])('it does not act where others reach it: %s', async (...options) => {
  const args = ['ui', '--allow-actions', ...options.filter(Boolean), '--port', '0', '-c', sync.config.file];
  expect(await runCli(args, { folder: harness.folder })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--allow-actions is for this machine alone') as string,
  });
});

test('what cannot be is refused in the words of the commands', async () => {
  expect(await ask({}, '{"action":"pause"}')).toEqual({
    status: 409,
    body: expect.stringContaining(`no run of ${sync.name} is under way. Start one`) as string,
  });
});

describe('in Chromium', () => {
  let browser: Browser | undefined;
  afterAll(() => browser?.close());

  const show = async (address = url): Promise<Page> => {
    browser ??= await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => {
      throw error;
    });
    await page.goto(address);
    await page.waitForSelector('#actions > *');
    return page;
  };
  const says = (page: Page, words: string | RegExp) =>
    until(
      async () => {
        const text = (await page.locator('#result').textContent()) ?? '';
        return typeof words === 'string' ? text.includes(words) : words.test(text);
      },
      { what: String(words) },
    );
  const press = async (page: Page, name: string): Promise<void> => {
    const button = page.getByRole('button', { name, exact: true });
    await until(async () => (await button.getAttribute('aria-disabled')) !== 'true', { what: name });
    await button.focus();
    await page.keyboard.press('Enter');
  };
  const focused = (page: Page) => page.evaluate('document.activeElement.textContent');
  const expectFits = async (page: Page, name: string, width: number): Promise<void> => {
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await accessibilityFaults(page)).toEqual([]);
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/ui-actions-${name}.png` });
  };

  itInBrowser(
    'a run is begun, paused, resumed, a table skipped and retried, and it is cancelled',
    async () => {
      hold();
      const page = await show();
      // What is in the address is taken out of it, and outlasts loading the page anew.
      expect(page.url()).not.toContain('#');
      await page.reload();
      await page.waitForSelector('#actions button');

      await press(page, 'Start a run');
      await says(page, `A run of ${sync.name} is begun.`);
      await until(
        async () => (await stateOf(DEVICES)) === 'copying' && (await stateOf(READINGS)) === 'copying',
      );
      await press(page, 'Pause the run');
      await says(page, 'Paused the run');
      expect((await run().query(syncProgressQuery)).state).toBe('paused');
      // The button is now another's, and has the focus still.
      await until(async () => (await focused(page)) === 'Resume the run');

      for (const colorScheme of ['light', 'dark'] as const)
        for (const width of [1200, 400]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          await expectFits(page, `${colorScheme}-${width}`, width);
          await press(page, 'Cancel the run …');
          await page.getByRole('dialog').waitFor();
          await expectFits(page, `${colorScheme}-${width}-question`, width);
          await page.keyboard.press('Escape');
        }

      await press(page, `Skip ${DEVICES}`);
      await says(page, `${DEVICES} is skipped`);
      expect(await stateOf(DEVICES)).toBe('skipped');
      await press(page, `Retry ${DEVICES}`);
      await says(page, `${DEVICES} is planned again`);
      expect(await stateOf(DEVICES)).not.toBe('skipped');
      await press(page, 'Resume the run');
      await says(page, 'Resumed the run');
      expect((await run().query(syncProgressQuery)).state).toBe('copying');

      // Asked first; Escape, and the button that has the focus, change nothing.
      const dialog = page.getByRole('dialog', { name: `Cancel the run of ${sync.name}?` });
      for (const key of ['Escape', 'Enter']) {
        await press(page, 'Cancel the run …');
        await dialog.waitFor();
        expect(await focused(page)).toBe('Let it go on');
        await page.keyboard.press(key);
        await dialog.waitFor({ state: 'hidden' });
        expect(await focused(page)).toBe('Cancel the run …');
      }
      expect((await run().describe()).status.name).toBe('RUNNING');
      await press(page, 'Cancel the run …');
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('Cancel the run');
      await page.keyboard.press('Enter');
      await says(page, /Cancelling the run|was cancelled/);
      open();
      await says(page, `The run of ${sync.name} was cancelled.`);
      expect((await run().describe()).status.name).toBe('CANCELLED');
      expect(ui.stderr()).toMatch(/UTC, by the page: skip public\.devices\. public\.devices is skipped/);
      await page.close();
    },
  );

  itInBrowser(
    'without the token it shows, and says how to act; another token than its own is refused',
    async () => {
      const { origin, hash } = new URL(url);
      const page = await show(origin);
      expect(await page.locator('#actions').textContent()).toMatch(
        /open the address that tidemark ui has printed/,
      );
      expect(await page.locator('.act:visible').count()).toBe(0);
      // As when tidemark ui was started again, and the address that it printed goes into the same tab.
      await page.goto(`${origin}/#${'A'.repeat(43)}`);
      await press(page, 'Start a run');
      await says(page, 'This page may not act (any more).');
      await page.goto(`${origin}/${hash}`);
      await until(async () => (await page.locator('#result').textContent()) === '');
      await page.close();
    },
  );
});
