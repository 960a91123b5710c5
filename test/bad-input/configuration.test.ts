import { spawn } from 'node:child_process';
import path from 'node:path';
import { CANARY } from './garbage';
import { expectRefused, openScene, type Scene } from './scene';

/* Each key of the configuration, given each thing that it is not; and files that are none. */

let scene: Scene;
beforeAll(async () => (scene = await openScene()));
afterAll(() => scene.end());
afterEach(() => scene.expectUnchanged());

type Kind =
  'percent' | 'text' | 'number' | 'duration' | 'choice' | 'flag' | 'list' | 'map' | 'size' | 'whole';
/** Every key, by what it takes. Of a list its first item is meant. */
const keys: Record<string, Kind> = {
  name: 'text',
  settleDelay: 'duration',
  'parallelism.tables': 'number',
  'parallelism.intervals': 'number',
  ...Object.fromEntries(
    ['source', 'destination'].flatMap((end) => [
      ...['host', 'database', 'username', 'password', 'url', 'configuration'].map((key) => [
        `${end}.${key}`,
        'text',
      ]),
      ...['port', 'maxConnections'].map((key) => [`${end}.${key}`, 'number']),
      ...['connectTimeout', 'queryTimeout'].map((key) => [`${end}.${key}`, 'duration']),
      ...['ca', 'cert', 'key'].map((key) => [`${end}.tls.${key}`, 'text']),
      [`${end}.tls.mode`, 'choice'],
    ]),
  ),
  'source.maxRowsPerSecond': 'number',
  'source.hours.from': 'choice',
  'source.hours.to': 'choice',
  'source.hours.timeZone': 'choice',
  ...Object.fromEntries(
    ['defaults', 'tables.0'].flatMap((at) => [
      [`${at}.cursor`, 'text'],
      ...['key', 'exclude'].map((key) => [`${at}.${key}`, 'list']),
      ...[
        'mode',
        'order',
        'reconcile',
        'deletes',
        'retention',
        'partitions',
        'compression',
        'policies',
        'timeZone',
      ].map((key) => [`${at}.${key}`, 'choice']),
      ...['lookback', 'chunkInterval'].map((key) => [`${at}.${key}`, 'whole']),
      [`${at}.start`, 'choice'],
      [`${at}.batch.rows`, 'number'],
      [`${at}.batch.bytes`, 'size'],
      ...['types', 'columns'].map((key) => [`${at}.${key}`, 'map']),
      [`${at}.deleteLimit`, 'percent'],
    ]),
  ),
  'tables.0.name': 'text',
  'tables.0.target': 'text',
  'alarms.webhook': 'choice',
  'alarms.format': 'choice',
  'alarms.lag': 'duration',
  'alarms.stall': 'duration',
  'temporal.address': 'text',
  'temporal.namespace': 'text',
  'temporal.taskQueue': 'text',
  'temporal.profile': 'text',
  'temporal.apiKey': 'text',
  'temporal.tls': 'flag',
  'temporal.encryption.key': 'choice',
  'temporal.encryption.keys': 'map',
  'temporal.encryption.acceptPlaintext': 'flag',
  'schedules.sync.every': 'duration',
  'schedules.sync.cron': 'choice',
  'schedules.sync.jitter': 'duration',
};
/** What no key takes. */
const never: Record<string, unknown> = {
  null: null,
  'an empty text': '',
  'a NUL': `${CANARY}\0`,
  'a list of lists': [[[CANARY]]],
  'a list of maps': [{ [CANARY]: CANARY }],
  'a map of unknowns': { unknown: { password: CANARY } },
  'an unset variable': '${TIDEMARK_TEST_NOT_SET}',
  'no variable': '${not a name}',
};
const wrong: Record<Kind, unknown[]> = {
  percent: [true, [], {}, CANARY, -1, 101, '1e3', '-1'],
  text: [true, false, 7, 1.5, [], {}, [CANARY]],
  number: [true, [], {}, CANARY, -1, 1.5, 1e300, '1e3', '-1', '0x10', ' 7', '٣', 10 ** 12, '9'.repeat(400)],
  duration: [
    true,
    [],
    {},
    CANARY,
    7,
    '7',
    '-1 s',
    '1 fortnight',
    '1h30m',
    '1 s s',
    'Infinity s',
    '9'.repeat(200),
    '1 \0s',
    'x'.repeat(101),
  ],
  choice: [true, [], CANARY, `${CANARY}\n`, 'x'.repeat(5_000), '💥', "'; DROP TABLE kept; --"],
  flag: [CANARY, 7, [], 'yes', 'TRUE'],
  list: [true, 7, {}, CANARY, [7], [''], [null], ['a b'], ['"'], ['\0'], ['x'.repeat(64)], ['💥 x']],
  map: [
    true,
    7,
    CANARY,
    [],
    [CANARY],
    { a: 7 },
    { a: null },
    { '': 'int' },
    { 'a b': 'int' },
    { a: '' },
    { a: [CANARY] },
  ],
  size: [true, [], {}, CANARY, -1, 1.5, 0, '0', '-1 MB', '1 apple', 'MB', '1e9', '9'.repeat(50) + 'x'],
  whole: [true, [], {}, CANARY, 1.5, -1, '-1', '-1 s', '1 fortnight', 'x'.repeat(101)],
};

function withValue(at: string, value: unknown): string {
  const config = scene.good();
  const parts = at.split('.');
  let inner = config;
  for (const part of parts.slice(0, -1)) inner = (inner[part] ??= {}) as Record<string, unknown>;
  inner[parts.at(-1) ?? ''] = value;
  return JSON.stringify(config);
}

describe.each(Object.entries(keys))('%s', (at, kind) => {
  it('refuses all that it is not', async () => {
    for (const value of [...Object.values(never), ...wrong[kind]]) {
      const result = await scene.run(['check', '-c', 'FILE'], withValue(at, value));
      expectRefused(result, 3, JSON.stringify(value).slice(0, 60));
    }
  });

  it('is missed when it is misspelt', async () => {
    const last = at.split('.').at(-1) ?? '';
    const misspelt = [
      last.slice(1),
      `${last}s_`,
      last.toUpperCase(),
      `${last} `,
      ` ${last}`,
      `${last}\u200b`,
      `_${last}`,
    ];
    for (const key of misspelt.filter((one) => one !== '')) {
      const place = [...at.split('.').slice(0, -1), key].join('.');
      const result = await scene.run(['check', '-c', 'FILE'], withValue(place, CANARY));
      expectRefused(result, 3);
      expect(result.stdout).toContain('there is no such key');
    }
  });
});

describe('a file that is none', () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  const whole = () => JSON.stringify(scene.good());
  const files: Record<string, () => string | Uint8Array> = {
    'an empty file': () => '',
    'only spaces': () => '  \n\n  ',
    'only a comment': () => '# nothing\n',
    'only a byte order mark': () => '\ufeff',
    'UTF-16, little end first': () => Buffer.from(`\ufeff${whole()}`, 'utf16le'),
    'UTF-16, big end first': () => Buffer.from(`\ufeff${whole()}`, 'utf16le').swap16(),
    'UTF-16 without a mark': () => Buffer.from(whole(), 'utf16le'),
    'Latin-1': () => Buffer.from(whole().replace('plant', 'pl\u00e4nt'), 'latin1'),
    gzip: () => bytes(0x1f, 0x8b, 8, 0, 0, 0, 0, 0),
    'half a character': () => Buffer.concat([Buffer.from(whole()), bytes(0xc3)]),
    'a NUL': () => `${whole()}\0`,
    'a list': () => `[${CANARY}]`,
    'a text': () => CANARY,
    'a number': () => '7',
    'nested without end': () => '['.repeat(50_000),
    'nested deeply': () => `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    'nested in a value': () => whole().replace('"plant"', `${'['.repeat(3_000)}${']'.repeat(3_000)}`),
    'aliases to too much': () =>
      `a0: &a0 [${CANARY}]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(12)}]`).join('\n')}`,
    'an alias to itself': () => `a: &a [*a]`,
    'two documents': () => `${whole()}\n---\n${whole()}`,
    'a tag': () => `name: !!js/function "${CANARY}"`,
    'a prototype': () => `{"__proto__": {"name": "${CANARY}"}, "constructor": 1}`,
    'a key that is a map': () => `? {a: ${CANARY}}\n: 1`,
    'broken JSON': () => `{"password": "${CANARY}"`,
    TOML: () => `name = "plant"\n[source]\nurl = "${CANARY}"`,
    '17 MB': () => 'x'.repeat(17 * 1024 * 1024),
  };
  it.each(Object.entries(files))('%s', async (_, contents) => {
    expectRefused(await scene.run(['check', '-c', 'FILE'], contents()), 3);
  });

  it.each(['/dev/zero', '/dev/null', '/', '/nowhere/x.yaml', '/proc/self/mem', '/etc/passwd/x'])(
    '%s',
    async (file) => {
      expectRefused(await scene.run(['check', '-c', file]), 3);
    },
  );

  it.each(['configuration', 'tls.ca', 'tls.cert'])('a device as source.%s', async (key) => {
    for (const file of ['/dev/zero', '/dev/null', '/', '/nowhere', `/x/${CANARY.slice(0, 3)}\n`]) {
      const config = scene.good();
      const isTls = key.startsWith('tls.');
      const tls = { mode: 'verify-full', [key.slice(4)]: file, ...(key === 'tls.cert' && { key: file }) };
      config['source'] = isTls ? { ...(config['source'] as object), tls } : { [key]: file };
      expectRefused(await scene.run(['check', '-c', 'FILE'], JSON.stringify(config)), 3);
    }
  });
});

it('in a process of its own it is the same', async () => {
  const cli = path.resolve(__dirname, '../../dist/cli.js');
  for (const file of ['/dev/zero', scene.folder]) {
    const child = spawn(process.execPath, [cli, 'check', '-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const code = await new Promise<number>((resolve) => child.once('close', (value) => resolve(value ?? -1)));
    expectRefused({ code, stdout, stderr }, 3);
  }
});
