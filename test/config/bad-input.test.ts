import { loadConfig } from '../../src/config/load';
import { load, local, problemsOf, yaml } from './support';

const one = '{ name: a, cursor: t }';
const ends = `destination: { url: '${local}' }\ntables: [public.x]\nname: plant\n`;

/** A good file, but for a key of its source. */
const limited = (key: string): string => yaml(one).replace("/d' }", `/d', ${key} }`);

describe('each is refused, with where, what and what to do', () => {
  test.each<[string, string, RegExp]>([
    ['an empty file', '', /^tidemark\.yaml: the file is empty\. Run tidemark init/],
    [
      'a missing key',
      `tables: [a]\nname: x\nsource: { url: '${local}' }`,
      /destination: this key is missing/,
    ],
    [
      'a key without a value',
      yaml(one, 'settleDelay:\n'),
      /:6 settleDelay: this key is missing|settleDelay: /,
    ],
    ['an unknown key', yaml(one, 'tabels: []'), /^tidemark\.yaml:6 tabels: .*Did you mean 'tables'\?/],
    ['an unknown key of a table', yaml('{ name: a, lokback: 1h }'), /:5 tables\[0\]\.lokback: .*'lookback'/],
    ['an unknown key of an end', `${ends}source: { hots: a }`, /source\.hots: .*'host'/],
    ['an unknown key of tls', `${ends}source: { url: '${local}', tls: { moed: x } }`, /tls\.moed: .*'mode'/],
    ['an unknown key of temporal.tls', yaml(one, 'temporal: { tls: { certt: x } }'), /tls\.certt: .*'cert'/],
    ['a key like nothing', yaml(one, 'zzzzzzzzzz: 1'), /It can be \$schema, name, source/],
    [
      'an unknown key of encryption',
      yaml(one, 'temporal: { encryption: { key: k, kyes: {} } }'),
      /encryption\.kyes: there is no such key/,
    ],
    [
      'a key that is not there',
      yaml(one, `temporal: { encryption: { key: k, keys: { j: '${'A'.repeat(43)}=' } } }`),
      /encryption\.key: keys holds no key of this ID/,
    ],
    [
      'an encryption key that is too short',
      yaml(one, 'temporal: { encryption: { key: k, keys: { k: aHVudGVyMg== } } }'),
      /keys\.k: this key has 7 bytes, not 32\. .*openssl rand -base64 32/,
    ],
    [
      'an encryption key that is not base64',
      yaml(one, `temporal: { encryption: { key: k, keys: { k: '${'hunter2!'.repeat(4)}' } } }`),
      /keys\.k: this is not a key in base64\. (?!.*hunter2)/,
    ],
    [
      'a file of a key that is not there',
      yaml(one, 'temporal: { encryption: { key: k, keys: { k: { file: k.key } } } }'),
      /keys\.k\.file: 'k\.key': there is no such file/,
    ],
    [
      'an odd ID of a key',
      yaml(one, 'temporal: { encryption: { key: a b, keys: { a b: x } } }'),
      /encryption\.key: this is not an ID for a key/,
    ],
    ['a wrong type', yaml('{ name: a, cursor: 7 }'), /cursor: this must be text/],
    ['a table that is a number', yaml('7'), /tables\[0\]: this must be a table/],
    ['a bad name of a table', yaml('a b c'), /tables\[0\]: 'a b c' is not a name in SQL/],
    ['a wildcard in a target', yaml('{ name: a, target: b_* }'), /target: .*wildcard/],
    ['a map where a list is', yaml('{ name: a, key: id }'), /key: this must be a list of columns/],
    ['an empty key', yaml('{ name: a, key: [] }'), /key: this list is empty/],
    ['a text where a map is', yaml(one, 'parallelism: 2'), /parallelism: this must hold keys such as tables/],
    ['an unknown mode', yaml('{ name: a, mode: merge }'), /mode: .*upsert, replace or append/],
    ['a bad name', yaml(one).replace('plant', 'My Plant'), /:1 name: /],
    [
      'no tables',
      `name: plant\nsource: {url: '${local}'}\ndestination: {url: '${local}'}\ntables: []`,
      /:4 tables: /,
    ],
    ['a duration without a unit', yaml(one, 'settleDelay: 10'), /settleDelay: .*such as 10 minutes/],
    ['a quoted one', yaml(one, "settleDelay: '10'"), /settleDelay: this has no unit\. .*such as 10 minutes/],
    ['a misspelt duration', yaml(one, 'settleDelay: 10 minuts'), /settleDelay: this is not a duration/],
    ['a duration that no timer can wait', yaml(one, 'settleDelay: 1 year'), /longer than 24 days/],
    [
      'a webhook that is none',
      yaml(one, 'alarms: { webhook: nowhere }'),
      /alarms\.webhook: .*Write one that begins with https/,
    ],
    ['a lookback beyond all time', yaml('{ name: a, lookback: 101 years }'), /longer than 100 years/],
    ['a negative duration', yaml(one, 'settleDelay: -1 s'), /below zero/],
    ['a negative lookback', yaml('{ name: a, lookback: -1 hour }'), /lookback: this is below zero/],
    ['a negative whole lookback', yaml('{ name: a, lookback: -5 }'), /lookback: this is below zero/],
    ['an unreadable start', yaml('{ name: a, start: yesterday }'), /start: this is not a point to begin at/],
    ['a day that is not', yaml('{ name: a, start: 2021-02-29 }'), /start: this is not a point/],
    ['an hour that is not', yaml("{ name: a, start: '2021-02-28 25:00' }"), /start: this is not a point/],
    ['a schedule without times', yaml(one, 'schedules: { sync: { jitter: 1 s } }'), /nothing says when/],
    [
      'a schedule with both',
      yaml(one, "schedules: { sync: { every: 1 h, cron: '0 * * * *' } }"),
      /schedules\.sync: every and cron are both given/,
    ],
    [
      'a time zone without cron',
      yaml(one, 'schedules: { sync: { every: 1 h, timeZone: UTC } }'),
      /timeZone is for cron alone/,
    ],
    [
      'too few fields',
      yaml(one, "schedules: { sync: { cron: '0 3 * *' } }"),
      /this is not a cron expression/,
    ],
    ['below a second', yaml(one, 'schedules: { sync: { every: 5 ms } }'), /every: this is below a second/],
    ['an unknown schedule', yaml(one, 'schedules: { snyc: { every: 1 h } }'), /Did you mean 'sync'/],
    ['a misspelt size', yaml('{ name: a, batch: { bytes: 16 apples } }'), /bytes: this is not a size/],
    ['no size', yaml('{ name: a, batch: { bytes: 0 } }'), /bytes: this is below one byte/],
    ['no rows a second', limited('maxRowsPerSecond: 0'), /source\.maxRowsPerSecond: .*from 1 to/],
    ['no time for a query', limited('queryTimeout: 0'), /source\.queryTimeout: this is no time at all/],
    ['no time to connect', limited('connectTimeout: 0 s'), /source\.connectTimeout: this is no time at all/],
    [
      'no time without a batch',
      yaml(one, "alarms: { webhook: 'https://a.b', stall: 0 }"),
      /alarms\.stall: this is no time at all/,
    ],
    ['no time of day', limited("hours: { from: '24:00', to: '6:00' }"), /hours\.from: .*22:00/],
    ['hours without an end', limited("hours: { from: '22:00' }"), /hours\.to: this key is missing/],
    [
      'hours that are none',
      limited("hours: { from: '22:00', to: '22:00' }"),
      /hours: from and to are the same/,
    ],
    [
      'hours of no zone',
      limited("hours: { from: '22:00', to: '06:00', timeZone: Mars }"),
      /hours\.timeZone: there is no such time zone/,
    ],
    [
      "a destination's pace",
      yaml(one).replace("/e' }", "/e', maxRowsPerSecond: 5 }"),
      /destination\.maxRowsPerSecond: there is no such key/,
    ],
    ['no rows', yaml('{ name: a, batch: { rows: 0 } }'), /rows: this must be a whole number/],
    [
      'a type that ends the statement',
      yaml("{ name: a, types: { b: 'int); drop' } }"),
      /types\.b: this is not a type/,
    ],
    [
      'an unknown way to part',
      yaml('{ name: a, partitions: hyper }'),
      /partitions: .*hypertable, native or none/,
    ],
    [
      'a width in months',
      yaml('{ name: a, chunkInterval: 1 month }'),
      /chunkInterval: this is no width\. .*7 days/,
    ],
    ['no width', yaml('{ name: a, chunkInterval: 0 }'), /chunkInterval: this is no width/],
    [
      'a width of nothing',
      yaml('{ name: a, partitions: none, chunkInterval: 1 day }'),
      /chunkInterval: a table without partitions has no chunks/,
    ],
    ['an unknown choice', yaml('{ name: a, policies: yes }'), /policies: .*Write mirror or none/],
    [
      'a vector as something else',
      yaml('{ name: a, columns: { v: { as: xml } } }'),
      /columns\.v\.as: a vector is not kept as this/,
    ],
    [
      'an unknown distance',
      yaml('{ name: a, columns: { v: { hnsw: far } } }'),
      /hnsw: .*cosine, l2, ip or l1/,
    ],
    [
      'a column that is no map',
      yaml('{ name: a, columns: { v: jsonb } }'),
      /columns\.v: this must hold keys/,
    ],
    [
      'a column with two types',
      yaml('{ name: a, types: { v: text }, columns: { v: { as: jsonb } } }'),
      /columns\.v: 'v' has a type in types/,
    ],
    ['a bad column of types', yaml("{ name: a, types: { 'b c': int } }"), /types: 'b c' is not/],
    [
      'an unknown time zone',
      yaml('{ name: a, timeZone: Mars/Base }'),
      /timeZone: there is no such time zone/,
    ],
    [
      'append with a lookback',
      yaml('{ name: a, mode: append, lookback: 1 h }'),
      /lookback: .*would repeat rows/,
    ],
    [
      'append with a default lookback',
      yaml('{ name: a, mode: append }', 'defaults: { lookback: 5 }'),
      /lookback: 0/,
    ],
    [
      'two tables with one target',
      yaml('{ name: a, target: public.b }\n  - b'),
      /\[1\]\.target: tables\[0\] is written to the same table, b\./,
    ],
    [
      'a target among the checkpoints',
      yaml('{ name: a, target: tidemark.a }'),
      /target: the schema tidemark .*another/,
    ],
    ["a target among PostgreSQL's own", yaml('pg_catalog.pg_class'), /target: the schema pg_catalog/],
    ['a table twice', yaml('a\n  - public.a'), /tables\[1\]\.name: tables\[0\] is the same table/],
    ['a pattern with a target', yaml('{ name: a_*, target: b }'), /target: a pattern/],
    ['a key column left out', yaml('{ name: a, key: [id], exclude: [id] }'), /exclude: .*'id'/],
    ['a table copied onto itself', yaml(one).replace('/e', '/d'), /tables\[0\]: .*onto itself/],
    ['nothing about an end', `${ends}source: { maxConnections: 1 }`, /source: nothing says where/],
    [
      'two ways at once',
      `${ends}source: { url: '${local}', host: a }`,
      /source: url and host are both given/,
    ],
    ['half an end', `${ends}source: { host: a, database: d, username: u }`, /password: this key is missing/],
    [
      'a port that is none',
      `${ends}source: { port: 70000 }`,
      /port: this must be a whole number from 1 to 65535/,
    ],
    ['no connections', `${ends}source: { maxConnections: 0 }`, /maxConnections: this must be a whole number/],
    [
      'temporal without an address',
      yaml(one, 'temporal: { namespace: x }'),
      /temporal\.address: .*TEMPORAL_ADDRESS/,
    ],
    ['an unknown profile', yaml(one, 'temporal: { profile: x }'), /temporal\.profile: .*no profile 'x'/],
    ['a secret tag', yaml(one, 'temporal: { apiKey: !vault x }'), /:6: this is not valid YAML or JSON/],
  ])('%s', async (_, file, expected) => {
    expect((await problemsOf({ 'tidemark.yaml': file })).join('\n')).toMatch(expected);
  });
});

describe('broken YAML or JSON names the line and quotes nothing of it', () => {
  test.each([
    ['an open bracket', 'name: plant\ntables: [s3cret\n', ''],
    ['a tab', 'name: plant\nsource:\n\thost: s3cret\n', ':3'],
    ['two colons', 'name: plant\nsource: s3cret: x\n', ':2'],
    ['an open quote', 'name: plant\nsource: "s3cret\n', ''],
    ['a reserved sign', 'name: plant\npassword: @s3cret\n', ':2'],
    ['an alias to nothing', 'name: plant\npassword: *s3cret\n', ':2'],
    ['a key twice', 'name: plant\nsource: {}\nsource: {}\n', ':3'],
    ['JSON without a comma', '{\n  "name": "x"\n  "source": "s3cret"\n}', ':'],
  ])('%s', async (_, file, line) => {
    const [problem] = await problemsOf({ 'tidemark.yaml': file });
    expect(problem).toMatch(new RegExp(`^tidemark\\.yaml${line}.*this is not valid YAML or JSON`));
    expect(problem).not.toContain('s3cret');
  });
});

describe('the environment', () => {
  test('an unset variable is named, with the key that wants it', async () => {
    const file = yaml(one).replace(local, '${SOURCE_URL}');
    expect(await problemsOf({ 'tidemark.yaml': file })).toEqual([
      'tidemark.yaml:2 source.url: the environment variable SOURCE_URL is not set. Set SOURCE_URL, or write the value here',
    ]);
  });

  test.each(['${}', '${A B}', '${A', '${1}'])('%s is refused', async (written) => {
    const problems = await problemsOf({ 'tidemark.yaml': yaml(one, `temporal: { apiKey: 'x${written}' }`) });
    expect(problems[0]).toMatch(/temporal\.apiKey: a \$\{…\} in it is not \$\{NAME\}/);
  });

  test('what a variable holds stands in no message', async () => {
    const file = yaml("'${SECRET}'\n  - { name: '${SECRET_URL}' }");
    const problems = await problemsOf(
      { 'tidemark.yaml': file },
      { SECRET: 'pass word', SECRET_URL: 'postgresql://u:hunter2@h/d' },
    );
    expect(problems).toHaveLength(2);
    expect(problems.join('\n')).not.toMatch(/pass word|hunter2/);
  });

  test('a URL in the wrong place stands in no message', async () => {
    const problems = await problemsOf({ 'tidemark.yaml': yaml('postgresql://u:hunter2@h/d') });
    expect(problems.join('\n')).not.toContain('hunter2');
  });
});

test('a missing file says how to get one', async () => {
  await expect(loadConfig('/nowhere/tidemark.yaml', {})).rejects.toThrow(
    '/nowhere/tidemark.yaml: there is no such file. Run tidemark init to write one, or name another with -c FILE',
  );
});

test('a folder is no file', async () => {
  await expect(loadConfig(__dirname, {})).rejects.toThrow('this is a folder');
});

test('everything is reported at once, cross checks and referred files included', async () => {
  const file = `name: Plant
source: { configuration: ./configuration.json, maxConections: 3 }
destination: { url: '\${NOPE}' }
tables:
  - { name: a, mode: append, lookback: 1 hour, cursr: t }
  - { name: b, target: a }
`;
  const problems = await problemsOf({ 'tidemark.yaml': file, 'configuration.json': '{"PORT": 5432}' });
  expect(problems.map((line) => line.replace(/: .*/, '')).sort()).toEqual([
    './configuration.json:1 DATABASE',
    './configuration.json:1 HOST',
    './configuration.json:1 PASSWORD',
    './configuration.json:1 PORT',
    './configuration.json:1 USERNAME',
    'tidemark.yaml:1 name',
    'tidemark.yaml:2 source.maxConections',
    'tidemark.yaml:3 destination.url',
    'tidemark.yaml:5 tables[0].cursr',
    'tidemark.yaml:5 tables[0].lookback',
    'tidemark.yaml:6 tables[1].target',
  ]);
});

describe('configuration.json', () => {
  const good = { HOST: 'h', PORT: '5432', DATABASE: 'd', USERNAME: 'u', PASSWORD: 's3cret' };
  const file = yaml(one).replace(`{ url: '${local}' }`, '{ configuration: ./configuration.json }');
  const problemsWith = (json: unknown) =>
    problemsOf({
      'tidemark.yaml': file,
      'configuration.json': typeof json === 'string' ? json : JSON.stringify(json, null, '\t'),
    });

  describe.each(Object.keys(good))('%s', (key) => {
    test.each<[string, unknown, string]>([
      ['missing', undefined, 'this key is missing'],
      ['empty', '', 'this is empty'],
      ['blank', ' ', 'this is empty'],
      ['a number', 5432, 'this must be a string'],
      ['null', null, 'this must be a string'],
      ['a list', ['x'], 'this must be a string'],
    ])('%s', async (_, value, expected) => {
      const problems = await problemsWith({ ...good, [key]: value });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(new RegExp(`^\\./configuration\\.json(:\\d+)? ${key}: ${expected}`));
      expect(problems[0]).not.toContain('s3cret');
    });
  });

  test.each(['0', '70000', '54x', '5432.0', '-1'])('port %s', async (PORT) => {
    expect(await problemsWith({ ...good, PORT })).toEqual([
      expect.stringMatching(/PORT: this must be a whole number/),
    ]);
  });

  test('an unknown key', async () => {
    const { PASSWORD, ...rest } = good;
    const problems = await problemsWith({ ...rest, PASWORD: PASSWORD });
    expect(problems[0]).toMatch(/PASWORD: there is no such key\. Did you mean 'PASSWORD'\?/);
  });

  test('broken, a list, or not there', async () => {
    expect((await problemsWith('{"HOST": "s3cret'))[0]).toMatch(
      /^\.\/configuration\.json:1: this is not valid/,
    );
    expect((await problemsWith('[]'))[0]).toMatch(/this is not a JSON object/);
    expect(await problemsOf({ 'tidemark.yaml': file })).toEqual([
      './configuration.json: there is no such file. Correct the path; it is relative to the configuration file',
    ]);
  });

  test('good, and not touched by the environment', async () => {
    const json = JSON.stringify({ ...good, PASSWORD: 'a${B}' }, null, '\t');
    const config = await load({ 'tidemark.yaml': file, 'configuration.json': json });
    expect(config.source).toMatchObject({
      host: 'h',
      port: 5432,
      database: 'd',
      username: 'u',
      password: 'a${B}',
    });
  });
});

test('a key that is missing does not hide what is wrong elsewhere', async () => {
  const file = `source: { url: '${local}', tls: { ca: none.pem } }\ntables: [{ name: a, mode: append, lookback: 1 h }]`;
  expect(await problemsOf({ 'tidemark.yaml': file })).toEqual([
    expect.stringMatching(/ name: this key is missing/),
    expect.stringMatching(/ destination: this key is missing/),
    expect.stringMatching(/ source\.tls\.ca: .*no such file/),
    expect.stringMatching(/ tables\[0\]\.lookback: /),
  ]);
});
