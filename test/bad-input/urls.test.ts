import { CANARY } from './garbage';
import { expectRefused, openScene, type Scene } from './scene';

/* URLs of both ends, of alarms and of the command line, that are none or say two things at once. */

let scene: Scene;
beforeAll(async () => (scene = await openScene()));
afterAll(() => scene.end());
afterEach(() => scene.expectUnchanged());

const good = `postgresql://u:${CANARY}@localhost:5432/d`;
const urls: string[] = [
  ...[
    '',
    ' ',
    CANARY,
    '://',
    '//',
    'postgresql:',
    'postgresql://',
    'postgresql:///',
    'postgres',
    'localhost',
    'localhost:5432',
  ],
  ...[
    'http',
    'https',
    'mysql',
    'postgress',
    'jdbc:postgresql',
    'file',
    'ftp',
    'redis',
    'javascript',
    'data',
  ].map((scheme) => good.replace('postgresql', scheme)),
  ...['0', '-1', '65536', '99999', 'x', '5432x', '1e3', '5432:5432', '%35', '٣', '１'].map((port) =>
    good.replace('5432', port),
  ),
  ...['%', '%x', '%g1', '%1', 'a%', '%%', '%C3', '%ff'].map((part) => good.replace('u:', `${part}:`)),
  ...['%', '%zz', `${CANARY}%`].map((part) => good.replace(`:${CANARY}`, `:${part}`)),
  ...['%00', 'a%00b'].flatMap((nul) => [
    good.replace('u:', `${nul}:`),
    `${good}${nul}`,
    good.replace(CANARY, nul),
  ]),
  ...['host', 'port', 'user', 'password', 'dbname', 'sslmode', 'sslrootcert'].map(
    (key) => `${good}?${key}=${CANARY}%00`,
  ),
  ...['host', 'user', 'dbname', 'password', 'port'].map((key) => `${good}?${key}=a&${key}=b`),
  ...['', '0', '-1', '65536', '0x10', ' 7', '1e3', CANARY].map((port) => `${good}?port=${port}`),
  ...['', 'on', 'off', 'allow', 'prefer', 'REQUIRE', 'verify', 'true', CANARY].map(
    (mode) => `${good}?sslmode=${mode}`,
  ),
  ...[
    'sslmod',
    'SSLMODE',
    'ssl',
    'options',
    'passfile',
    'service',
    'target_session_attrs',
    'application_name',
    CANARY,
    '%00',
    '',
  ].map((key) => `${good}?${key}=${CANARY}`),
  ...['sslcert', 'sslkey'].map((key) => `${good}?sslmode=require&${key}=/nowhere/${CANARY.slice(0, 2)}`),
  ...[
    'sslmode=verify-ca',
    'sslmode=require&sslrootcert=/nowhere',
    'sslmode=verify-full&sslrootcert=/dev/zero',
  ].map((query) => `${good}?${query}`),
  ...[`${good}#`, `${good}#${CANARY}`, good.replace('/d', '#/d')].filter((url) => !url.endsWith('#')),
  ...[
    `postgresql://${CANARY}@localhost`,
    `postgresql://localhost/d`,
    `postgresql://:${CANARY}@localhost/d`,
    `postgresql://u:${CANARY}@/d`,
  ],
  ...[
    `postgresql://u:${CANARY}@[::1/d`,
    `postgresql://u:${CANARY}@a b/d`,
    `postgresql://u:${CANARY}@a,b/d?port=1,2`,
    `postgresql://u:${CANARY}@[/d`,
  ],
  ...[`postgresql://u:1?${CANARY}@localhost/d`, `postgresql://u:${CANARY}/x@localhost/d`],
  ...['\n', '\t', '\0', '\u001b[31m', '\u202e'].map(
    (sign) => `postgresql://u:${CANARY}@loc${sign}alhost:x/d`,
  ),
  `postgresql://u:${CANARY}@${'x'.repeat(20_000)}:y/d`,
];

describe.each(['source', 'destination'])('%s', (end) => {
  it.each([...new Set(urls)].map((url) => [url.slice(0, 70), url]))('%j', async (_, url) => {
    const config = { ...scene.good(), [end]: { url } };
    expectRefused(await scene.run(['check', '-c', 'FILE'], JSON.stringify(config)), 3);
  });
});

it.each([...new Set(urls)].filter((url) => url.trim() !== '').map((url) => [url.slice(0, 70), url]))(
  'discover --url %j',
  async (_, url) => {
    expectRefused(await scene.run(['discover', '--url', url]), 3);
  },
);

it.each(['', CANARY, 'ftp://h/x', 'javascript:alert(1)', 'https://', 'https:// x', 'http//x', '\0'])(
  'a webhook %j',
  async (webhook) => {
    const config = { ...scene.good(), alarms: { webhook } };
    expectRefused(await scene.run(['check', '-c', 'FILE'], JSON.stringify(config)), 3);
  },
);

it.each(['-c', '--table'])('a URL after %s is not repeated', async (option) => {
  for (const url of [good, `https://${CANARY}@h/x`, `postgres://h/d?password=${CANARY}`]) {
    const args = option === '-c' ? ['check', '-c', url] : ['sync', '-c', 'FILE', option, url];
    const result = await scene.run(args, JSON.stringify(scene.good()));
    expectRefused(result, option === '-c' ? 3 : 2);
  }
});
