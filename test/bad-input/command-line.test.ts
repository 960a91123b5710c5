import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import path from 'node:path';
import { CANARY } from './garbage';
import { expectRefused, openScene, type Scene } from './scene';

/* Commands with what they do not take, with too little, and with what contradicts itself. */

let scene: Scene;
beforeAll(async () => (scene = await openScene()));
afterAll(() => scene.end());
afterEach(() => scene.expectUnchanged());

const commands = [
  ...[
    'init',
    'discover',
    'check',
    'diff-config',
    'sync',
    'reconcile',
    'verify',
    'worker',
    'status',
    'ui',
    'resync',
  ],
  ...['pause', 'resume', 'skip', 'retry', 'tune', 'cancel', 'codec-server'],
  ...['apply', 'pause', 'resume', 'trigger', 'show', 'list', 'delete'].map((action) => `schedule ${action}`),
];
const options = [
  ...[
    `--password=${CANARY}`,
    `--passwd=${CANARY}`,
    `--pasword ${CANARY}`,
    `-p${CANARY}`.replace('-p', '-X'),
    `--tabel=${CANARY}`,
    `--url2=postgresql://u:${CANARY}@h/d`,
  ],
  ...[
    '--',
    `--=${CANARY}`,
    '---',
    '-',
    '--no-config',
    '--💥',
    '--a\u001b[31m',
    '-Z',
    '--config',
    '-c',
    '--config=',
    '-c ',
  ].filter((option) => !['--', '-'].includes(option)),
];

describe.each(commands)('%s', (command) => {
  it.each(options)('%j', async (option) => {
    const args = [...command.split(' '), ...(option === '-c ' ? ['-c', ''] : option.split(' '))];
    expectRefused(await scene.run(args), 2);
  });
  it('too many arguments', async () => {
    const args = [...command.split(' '), 'sync', 'reconcile', CANARY, '-c', 'FILE'];
    expectRefused(await scene.run(args), 2);
  });
});

const contradictions: [string, string[]][] = [
  ['resync', ['--table=kept', '--from=2026-02-01', '--to=2026-01-01']],
  ['resync', ['--table=kept', '--from=5', '--to=5']],
  ['resync', ['--table=kept', '--from=5', '--to=2026-01-01']],
  ...['reconcile', 'verify'].flatMap((command): [string, string[]][] => [
    [command, ['--from=2026-02-01', '--to=2026-01-01']],
    [command, ['--from=2', '--to=1']],
    [command, ['--from=2', '--to=2026-01-01']],
    [command, ['--from=2026-01-01', '--to=2026-01-01']],
  ]),
  ['verify', ['--allow-deletes']],
  ['worker', ['--deployment=plant']],
  ['discover', ['--from=x.json', '--url=postgresql://h/d']],
  ['tune', ['--table=kept']],
  ['ui', ['--host=0.0.0.0']],
  ['ui', ['--host=0.0.0.0', '--expose', '--allow-actions']],
];
it.each(contradictions)('%s %j contradicts itself', async (command, args) => {
  expectRefused(await scene.run([command, '-c', 'FILE', ...args], JSON.stringify(scene.good())), 2);
});

const values: [string, string[], string[]][] = [
  [
    'worker',
    ['--metrics', '--health'],
    ['', 'x', '0', '65536', '1.2.3:9', 'h:9', ':9', '[::1]', '127.0.0.1', `http://u:${CANARY}@h`],
  ],
  ['worker', ['--log-level'], ['', 'INFO!', CANARY]],
  ['worker', ['--build-id', '--deployment'], ['', ' ', 'a b', CANARY + '!', 'x'.repeat(129), '💥']],
  ['ui', ['--port'], ['', 'x', '-1', '65536', '1.5', CANARY]],
  ['ui', ['--temporal-ui'], ['', 'x', 'ftp://h', 'javascript:x', `u:${CANARY}@h`]],
  ['codec-server', ['--port'], ['', 'x', '-1', '65536', CANARY]],
  ['codec-server', ['--origin'], ['', 'x', 'http://h/x', `http://u:${CANARY}@h`, '*']],
  [
    'tune --table=kept',
    ['--batch-rows', '--intervals'],
    ['', '0', '-1', '1.5', 'x', CANARY, '1e3', '9'.repeat(30)],
  ],
  ['tune --table=kept', ['--batch-bytes'], ['', '0', '-1', 'x', CANARY, '1 apple']],
  [
    'resync --table=kept',
    ['--from', '--to'],
    ['', ' ', 'yesterday', CANARY, 'none', '2026-13-01', '2026-02-30', '1.5', '2026-01-01 25:00', 'infinity'],
  ],
  ['verify', ['--from', '--to'], ['', 'x', CANARY, 'none', '2026-13-01']],
  ['schedule trigger', ['which'], ['', 'snyc', CANARY]],
];
describe.each(values)('%s %j', (command, names, bad) => {
  it.each(bad)('%j', async (value) => {
    for (const name of names) {
      const given = name === 'which' ? [value] : [`${name}=${value}`];
      const args = [...command.split(' '), '-c', 'FILE', ...given];
      expectRefused(await scene.run(args, JSON.stringify(scene.good())), 2);
    }
  });
});

it.each([
  `postgresql://u:${CANARY}@h/d`,
  'snyc',
  '',
  ' ',
  '💥',
  '\u001b[31m',
  'SYNC',
  '-',
  'help nowhere',
  'schedule',
  'schedule nowhere',
])('a command %j that is not there', async (command) => {
  expectRefused(await scene.run(command === '' || command === ' ' ? [command] : command.split(' ')), 2);
});

it('says it as JSON, too', async () => {
  const result = await scene.run(['sync', `--password=${CANARY}`, '--json']);
  expectRefused(result, 2);
  expect(JSON.parse(result.stdout)).toMatchObject({ ok: false, error: { kind: 'usage', exitCode: 2 } });
});

it('an output that is full', () => {
  const cli = path.resolve(__dirname, '../../dist/cli.js');
  const { status, stderr } = spawnSync(process.execPath, [cli, '--help'], {
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^Standard output .*ENOSPC.*\n$/) as string,
  });
});

it('a file that init cannot write', async () => {
  for (const file of [scene.folder, '/dev/full', '/proc/tidemark.yaml'])
    expectRefused(await scene.run(['init', '-c', file, '--yes', '--force']), 3, file);
});
