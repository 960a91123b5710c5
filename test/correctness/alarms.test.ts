import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alarm } from '../../src/plan/alarms';
import { watchWorkflowId } from '../../src/plan/workflow-ids';
import { createGate } from '../support/gate';
import { until } from '../support/poll';
import { historyText, startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* Who is told of a table's health, and how often. */

const SECRET = 'canary-of-the-webhook';
let harness: SyncHarness;
let server: Server;
let webhook: string;
let posts: string[] = [];
/** What the receiver answers next, once each; then 200. */
let answers: number[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const status = answers.shift() ?? 200;
      if (status === 200) posts.push(body);
      response.writeHead(status).end(SECRET);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${SECRET}`;
  harness = await startSyncHarness();
});
beforeEach(() => ([posts, answers] = [[], []]));
afterEach(() => {
  harness.onMoment = undefined;
  harness.now = () => Date.now();
});
afterAll(async () => {
  await harness.stop();
  server.close();
});

async function alarmed(name: string, settings: object = {}): Promise<TestSync> {
  await harness.source.query(
    `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), note text);
     INSERT INTO ${name} SELECT i FROM generate_series(1, 20) i`,
  );
  return harness.configure({
    alarms: { webhook, ...settings },
    parallelism: { intervals: 1 },
    tables: [{ name, cursor: 'at', batch: { rows: 5 } }],
  });
}

/** Of one table: a sync of another test goes on being watched. */
const told = (table: string): Alarm[] =>
  posts
    .flatMap((body) => (JSON.parse(body) as { alarms: Alarm[] }).alarms)
    .filter((alarm) => alarm.table === `public.${table}`);

it('a failure is told once, as long as it lasts, and so is its end', async () => {
  const sync = await alarmed('failing');
  await sync.copy();
  await harness.destination.query('ALTER TABLE failing DROP COLUMN note');
  await sync.fail();
  await until(() => Promise.resolve(told('failing').length === 1));
  await sync.fail();
  await harness.destination.query('ALTER TABLE failing ADD COLUMN note text');
  await sync.copy();
  await until(() => Promise.resolve(told('failing').length === 2));
  expect(told('failing')).toMatchObject([
    { table: 'public.failing', health: 'drift', before: 'copied' },
    { table: 'public.failing', health: 'copied', before: 'drift' },
  ]);
  expect(told('failing')[0]?.message).toContain('the destination has no column "note"');
});

it('is sent again until it is taken, and the URL stays out of history', async () => {
  const sync = await alarmed('insisting');
  await sync.copy();
  answers = [503, 500];
  await harness.destination.query('ALTER TABLE insisting DROP COLUMN note');
  await sync.fail();
  await until(() => Promise.resolve(told('insisting').length === 1));
  expect(told('insisting')).toMatchObject([{ health: 'drift' }]);
  expect(await historyText(harness.client, watchWorkflowId(sync.name), [])).not.toContain(SECRET);
});

it('a table that no run copies comes to lag, and recovers', async () => {
  const sync = await alarmed('lagging', { lag: '2 seconds' });
  await sync.copy();
  await until(() => Promise.resolve(told('lagging').length === 1));
  // However long the run takes, its rows are new once it has ended.
  const now = Date.now();
  harness.now = () => now;
  await sync.copy();
  await until(() => Promise.resolve(told('lagging').length >= 2));
  expect(told('lagging').slice(0, 2)).toMatchObject([
    { table: 'public.lagging', health: 'lagging', before: 'copied' },
    { table: 'public.lagging', health: 'copied', before: 'lagging' },
  ]);
});

it('a run that copies no batch has stalled, until it does', async () => {
  const sync = await alarmed('stalling', { stall: '1 second' });
  let begun = false;
  const gate = createGate();
  harness.onMoment = (moment) => {
    if (moment !== 'before-begin') return undefined;
    begun = true;
    return gate.opened;
  };
  // On a slow machine more than the batch that is held takes so long: it may stall, and go on, several times.
  const comesTo = (health: string) =>
    until(() => told('stalling').at(-1)?.health === health, { what: `an alarm that it is ${health}` });
  const run = sync.copy();
  await until(() => begun);
  await comesTo('stalled');
  gate.open();
  await run;
  await comesTo('copied');
  const alarms = told('stalling');
  expect(alarms.map(({ table, health, before }) => [table, health, before])).toEqual(
    alarms.map((_, n) => [
      'public.stalling',
      ...(n % 2 === 0 ? ['stalled', 'copied'] : ['copied', 'stalled']),
    ]),
  );
});

it('speaks as Slack understands it', async () => {
  const sync = await alarmed('chatting', { format: 'slack' });
  await sync.copy();
  await harness.destination.query('ALTER TABLE chatting DROP COLUMN note');
  await sync.fail();
  const post = await until(() => posts.find((body) => body.includes('chatting')));
  const { text } = JSON.parse(post) as { text: string };
  expect(text).toMatch(/^:rotating_light: \*.*\* `public\.chatting` drift: the destination|drift: /);
});

it('without alarms in the configuration any more the watch ends', async () => {
  const sync = await alarmed('quiet');
  await sync.copy();
  await harness.configure({ name: sync.name, tables: [{ name: 'quiet', cursor: 'at' }] });
  const watch = harness.client.workflow.getHandle(watchWorkflowId(sync.name));
  await watch.signal('observed', [{ table: 'public.quiet', health: 'copied', watermark: null }]);
  await watch.result();
});
