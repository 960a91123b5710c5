import { expectRefused, openScene, type Scene } from './scene';

/* Names of tables and columns that cannot be, wherever one is written. */

let scene: Scene;
beforeAll(async () => (scene = await openScene()));
afterAll(() => scene.end());
afterEach(() => scene.expectUnchanged());

const names: string[] = [
  ...['', ' ', '\t', '\n', '.', '..', 'a.', '.a', 'a..b', 'a.b.c', 'a.b.c.d', '""', '"".a', 'a.""'],
  ...[
    '"',
    '"a',
    'a"',
    '"a"b',
    '"a" "b"',
    '"""',
    "'a'",
    '`a`',
    '[a]',
    '{a}',
    '(a)',
    'a b',
    'a-b',
    'a,b',
    'a;b',
    'a/b',
    'a\\b',
  ],
  ...[
    "a'; DROP TABLE kept; --",
    'a"; DROP TABLE kept; --',
    'kept; SELECT 1',
    'kept--',
    'kept/**/',
    'a=1',
    'a+b',
    'a@b',
    'a#b',
    'a%b',
    '$a',
    '1a',
    '9',
  ],
  ...['💥', 'a💥', '\u200ba', 'a\u200b', '\u202ea', '\ufeffa', 'a\u00a0b', '\u001b[31ma'],
  ...['\0', 'a\0b', '"a\0b"', '"\0"', 'a\nb', 'a.\0'],
  ...[64, 65, 128, 1_000, 100_000].flatMap((length) => [
    'x'.repeat(length),
    `"${'x'.repeat(length)}"`,
    `public.${'x'.repeat(length)}`,
  ]),
  ...['ä', '💥', '€'].map((sign) => `"${sign.repeat(64)}"`),
  ...[`${'x'.repeat(64)}.a`, `"${'""'.repeat(64)}"`, '?'.repeat(300) + ' '],
];
const cases = [...new Set(names)].map((name) => [JSON.stringify(name).slice(0, 50), name] as const);

type Place = (name: string) => Record<string, unknown>;
const tableWith = (keys: Record<string, unknown>): unknown[] => [
  { name: 'kept', cursor: 'time', target: 'copied', ...keys },
];
const places: Record<string, Place> = {
  'tables[0]': (name) => ({ tables: [name] }),
  'tables[0].name': (name) => ({ tables: tableWith({ name }) }),
  'tables[0].target': (name) => ({ tables: tableWith({ target: name }) }),
  'tables[0].cursor': (name) => ({ tables: tableWith({ cursor: name }) }),
  'tables[0].key': (name) => ({ tables: tableWith({ key: [name] }) }),
  'tables[0].exclude': (name) => ({ tables: tableWith({ exclude: [name] }) }),
  'tables[0].types': (name) => ({ tables: tableWith({ types: { [name]: 'text' } }) }),
  'tables[0].columns': (name) => ({ tables: tableWith({ columns: { [name]: { as: 'jsonb' } } }) }),
  'defaults.cursor': (name) => ({ defaults: { cursor: name } }),
  'defaults.key': (name) => ({ defaults: { key: [name] } }),
};

describe.each(Object.entries(places))('%s', (_, place) => {
  it.each(cases)('%s', async (_name, name) => {
    expectRefused(
      await scene.run(['check', '-c', 'FILE'], JSON.stringify({ ...scene.good(), ...place(name) })),
      3,
    );
  });
});

describe.each(['sync', 'resync', 'reconcile', 'verify', 'pause', 'skip', 'retry', 'tune'])(
  '%s --table',
  (command) => {
    it.each(cases.filter(([, name]) => !name.includes('\0')))('%s', async (_, name) => {
      const tuning = command === 'tune' ? ['--intervals', '1'] : [];
      const args = [command, '-c', 'FILE', `--table=${name}`, ...tuning];
      expectRefused(await scene.run(args, JSON.stringify(scene.good())), 2);
    });
  },
);
