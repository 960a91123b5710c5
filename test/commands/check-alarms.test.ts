import path from 'node:path';
import { checkAlarms } from '../../src/commands/check-alarms';
import { loadConfig } from '../../src/config/load';
import { folderWith, runCli } from './cli';

/** Nothing listens there: what check says of the configuration alone. */
const nowhere = { url: 'postgres://reader:secret@127.0.0.1:1/plant' };

const elsewhere = { url: 'postgres://writer:secret@127.0.0.1:1/analytics' };

async function write(settings: object): Promise<string> {
  const config = { name: 'plant', destination: elsewhere, tables: ['t'], source: nowhere, ...settings };
  return path.join(await folderWith({ 'tidemark.yaml': JSON.stringify(config) }), 'tidemark.yaml');
}

const found = async (lag: string | undefined, settings: object): Promise<string[]> => {
  const file = await write({ alarms: { webhook: 'http://127.0.0.1:1/', lag }, ...settings });
  return checkAlarms(await loadConfig(file, {})).map(({ what }) => what);
};

const often = { schedules: { sync: { every: '5 minutes' } } };
const nightly = { ...nowhere, hours: { from: '22:00', to: '06:00' } };

it.each([
  ['than from run to run', '4 minutes', often, /one begins every 5 minutes, and settleDelay is 10 s/],
  [
    'than that and settleDelay',
    '8 minutes',
    { ...often, settleDelay: '3 minutes' },
    /settleDelay is 3 minutes/,
  ],
  [
    'than jitter makes of it',
    '6 minutes',
    { schedules: { sync: { every: '5 minutes', jitter: '1 minute' } } },
    /1 minute later/,
  ],
  [
    'than the source is closed',
    '5 hours',
    { ...often, source: nightly },
    /source\.hours let them wait for 16 hours/,
  ],
  [
    'than the more frequent of two schedules',
    '1 hour',
    { schedules: { sync: { every: '2 days' }, reconcile: { every: '2 hours' } } },
    /every 2 hours/,
  ],
  [
    'than a sync, whatever reconcile does',
    '1 minute',
    { schedules: { ...often.schedules, reconcile: { cron: '@daily' } } },
    /every 5/,
  ],
])('a lag of no more %s is warned of', async (_, lag, settings, says) => {
  expect(await found(lag, settings)).toEqual([expect.stringMatching(says)]);
});

it.each([
  ['a longer one', '6 minutes', often],
  ['none', undefined, often],
  ['one where nothing says how often runs begin', '1 second', {}],
  [
    'one beside cron, whose times are not known',
    '1 second',
    { schedules: { sync: { cron: '@hourly' }, reconcile: { every: '7 days' } } },
  ],
  ['a longer one than the source is closed', '17 hours', { source: nightly }],
])('%s is not', async (_, lag, settings) => {
  expect(await found(lag, settings)).toEqual([]);
});

it('check says so', async () => {
  const file = await write({ alarms: { webhook: 'http://127.0.0.1:1/', lag: '1 minute' }, ...often });
  const { stdout } = await runCli(['check', '-c', file], { folder: path.dirname(file) });
  expect(stdout).toMatch(
    /^warning alarms\.lag: an alarm is raised at a lag of 1 minute, .*\.\n +Let it be longer than these and a run together\.$/m,
  );
});
