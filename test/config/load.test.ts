import { load, local, problemsOf, yaml } from './support';

const first = async (table: string, rest = '') =>
  (await load({ 'tidemark.yaml': yaml(table, rest) })).tables[0];

test('what is not given has defaults; a table may be a mere name', async () => {
  const config = await load({ 'tidemark.yaml': yaml('sensor_data') });
  expect(config).toMatchObject({
    name: 'plant',
    settleDelayMs: 10_000,
    parallelism: { tables: 2, intervals: 2 },
    schedules: {},
  });
  expect(config).not.toHaveProperty('temporal');
  expect(config.source).not.toHaveProperty('maxRowsPerSecond');
  expect(config.source).not.toHaveProperty('hours');
  expect(config.tables).toEqual([
    {
      pattern: { schema: undefined, name: ['sensor_data'] },
      written: 'sensor_data',
      name: { name: 'sensor_data' },
      exclude: [],
      lookback: { ms: 0 },
      start: { at: '1990-01-01 00:00:00+00', byDefault: true },
      batch: { rows: 200_000, bytes: 16 * 1024 * 1024 },
      types: {},
      order: 'oldest',
      reconcile: 'off',
      retention: 'keep',
      deleteLimit: 10,
      columns: {},
      compression: 'mirror',
      policies: 'none',
    },
  ]);
});

test('a table counts before defaults; batch and types are merged', async () => {
  const defaults =
    'defaults: { cursor: At, key: [id], mode: upsert, lookback: 1 h, batch: { rows: 7 }, types: { a: int, b: int }, exclude: [x] }';
  expect(
    await first(
      '{ name: a, key: ["\\"Id\\"", z], batch: { bytes: 1 KB }, types: { B: text }, exclude: [] }',
      defaults,
    ),
  ).toMatchObject({
    cursor: 'at',
    key: ['Id', 'z'],
    mode: 'upsert',
    lookback: { ms: 3_600_000 },
    batch: { rows: 7, bytes: 1024 },
    types: { a: 'int', b: 'text' },
    exclude: [],
  });
});

test('how the target is parted, and vectors are kept; columns are merged, and a type counts as near as it stands', async () => {
  const defaults =
    'defaults: { chunkInterval: 1 day, policies: mirror, columns: { a: { as: "vector( 3 )" }, b: { hnsw: l2 } } }';
  expect(
    await first(
      '{ name: t, partitions: native, chunkInterval: 1000, types: { a: text }, columns: { C: { as: "real[]" } } }',
      defaults,
    ),
  ).toMatchObject({
    partitions: 'native',
    chunkInterval: { ticks: '1000' },
    policies: 'mirror',
    columns: { a: { as: 'vector(3)' }, b: { hnsw: 'l2' }, c: { as: 'real[]' } },
    types: { a: 'text', c: 'real[]' },
  });
  expect(await first('t', defaults)).toMatchObject({
    chunkInterval: { ms: 86_400_000 },
    types: { a: 'vector(3)' },
  });
});

test('schedules, with what they do not say', async () => {
  const rest =
    "schedules: { sync: { every: 5 minutes, jitter: 20 s }, reconcile: { cron: '0 3 * * *', timeZone: Europe/Berlin } }";
  expect((await load({ 'tidemark.yaml': yaml('a', rest) })).schedules).toEqual({
    sync: { everyMs: 300_000, jitterMs: 20_000, catchUpWindowMs: 86_400_000 },
    reconcile: {
      cron: '0 3 * * *',
      timeZone: 'Europe/Berlin',
      depth: 'hinted',
      catchUpWindowMs: 86_400_000,
    },
  });
});

test('how the source is spared; hours are in UTC unless told', async () => {
  const keys = 'maxRowsPerSecond: 5000, hours: { from: 22:00, to: "06:30" }';
  const { source } = await load({ 'tidemark.yaml': yaml('a').replace("/d' }", `/d', ${keys} }`) });
  expect(source).toMatchObject({
    maxRowsPerSecond: 5000,
    hours: { from: '22:00', to: '06:30', timeZone: 'UTC' },
  });
});

test('lookback: 0 undoes a default for a table that appends', async () => {
  expect(await first('{ name: a, mode: append, lookback: 0 }', 'defaults: { lookback: 1 h }')).toMatchObject({
    lookback: { ms: 0 },
  });
});

test.each([
  ['10 minutes', { ms: 600_000 }],
  ['1.5h', { ms: 5_400_000 }],
  ['1000', { ticks: '1000' }],
  ['"1000"', { ticks: '1000' }],
  ['9223372036854775807', { ticks: '9223372036854775807' }],
  ['0 seconds', { ms: 0 }],
])('lookback %s', async (written, lookback) => {
  expect(await first(`{ name: a, lookback: ${written} }`)).toMatchObject({ lookback });
});

test.each([
  ['none', 'none'],
  ['2020-02-29', { at: '2020-02-29 00:00:00+00' }],
  ["'2020-01-31 12:30'", { at: '2020-01-31 12:30:00+00' }],
  ["'2020-01-31T23:30:01.000001-01:30'", { at: '2020-02-01 01:00:01.000001+00' }],
  ["'2020-01-01 00:00:00+02'", { at: '2019-12-31 22:00:00+00' }],
  ["'2020-01-01 00:00:00.5Z'", { at: '2020-01-01 00:00:00.5+00' }],
  ["'0044-03-15 BC'", { at: '0044-03-15 00:00:00+00 BC' }],
  ['-5', { ticks: '-5' }],
  ['9223372036854775807', { ticks: '9223372036854775807' }],
])('start %s', async (written, start) => {
  expect(await first(`{ name: a, start: ${written} }`)).toMatchObject({ start });
});

test('the environment is put into texts, also in part; $${ stands for itself', async () => {
  const rest =
    "temporal: { address: '${HOST}:7233', apiKey: 'x$${A}y$z', namespace: '${EMPTY}n' }\nsettleDelay: ${DELAY}";
  const env = { HOST: 'h', DELAY: '3 s', EMPTY: '' };
  const config = await load({ 'tidemark.yaml': yaml('a', rest) }, env);
  expect(config.temporal).toEqual({ address: 'h:7233', apiKey: 'x${A}y$z', namespace: 'n', tls: true });
  expect(config.settleDelayMs).toBe(3000);
});

test('what the environment holds is text, and not looked into again', async () => {
  const config = await load(
    { 'tidemark.yaml': yaml('a', "temporal: { address: 'h:1', apiKey: '${A}' }") },
    { A: '${B}: {' },
  );
  expect(config.temporal?.apiKey).toBe('${B}: {');
});

test('JSON, with tabs', async () => {
  const file = {
    $schema: 'x',
    name: 'j',
    source: { url: local },
    destination: { url: `${local}2` },
    tables: ['a'],
  };
  expect((await load({ 'tidemark.yaml': JSON.stringify(file, null, '\t') })).name).toBe('j');
});

test('patterns stay patterns', async () => {
  const table = await first("'public.sensor_*'");
  expect(table).toMatchObject({
    written: 'public.sensor_*',
    pattern: { schema: ['public'], name: ['sensor_', { any: 'many' }] },
  });
  expect(table).not.toHaveProperty('name');
});

test('keys of encryption come from the environment and from files, also for the embedded server', async () => {
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const rest = "temporal: { encryption: { key: two, keys: { one: '${ONE}', two: { file: two.key } } } }";
  const files = { 'tidemark.yaml': yaml('a', rest), 'two.key': `${two.toString('base64')}\n` };
  const config = await load(files, { ONE: one.toString('base64') });
  expect(config).not.toHaveProperty('temporal');
  const keys = new Map([
    ['one', one],
    ['two', two],
  ]);
  expect(config.encryption).toEqual({ key: 'two', keys, acceptPlaintext: false });
});

describe('temporal', () => {
  const toml = `[profile.default]
address = "default:1"
[profile.cloud]
address = "cloud:2"
namespace = "ns"
api_key = "hunter2"
`;
  const withToml = async (rest: string, env: NodeJS.ProcessEnv = {}) => {
    const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
    const folder = await mkdtemp('/tmp/tidemark-toml-');
    await writeFile(`${folder}/temporal.toml`, toml);
    try {
      const all = { TEMPORAL_CONFIG_FILE: `${folder}/temporal.toml`, ...env };
      return (await load({ 'tidemark.yaml': yaml('a', rest), 'text.txt': 'x' }, all)).temporal;
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  test('its own file, its variables and temporal:, the later counts', async () => {
    expect(await withToml('')).toEqual({ address: 'default:1', namespace: 'default' });
    expect(await withToml('temporal: { profile: cloud, taskQueue: q }')).toEqual({
      address: 'cloud:2',
      namespace: 'ns',
      apiKey: 'hunter2',
      tls: true,
      taskQueue: 'q',
    });
    expect(await withToml('', { TEMPORAL_ADDRESS: 'env:3', TEMPORAL_TLS: 'true' })).toEqual({
      address: 'env:3',
      namespace: 'default',
      tls: {},
    });
    expect(
      await withToml('temporal: { address: "own:4", tls: false }', { TEMPORAL_ADDRESS: 'env:3' }),
    ).toEqual({
      address: 'own:4',
      namespace: 'default',
      tls: false,
    });
  });

  test('the environment given counts, not that of the process', async () => {
    process.env['TEMPORAL_ADDRESS'] = 'process:1';
    try {
      expect(await load({ 'tidemark.yaml': yaml('a') })).not.toHaveProperty('temporal');
    } finally {
      delete process.env['TEMPORAL_ADDRESS'];
    }
  });

  test('a broken file, and certificates that are none, are reported without what they hold', async () => {
    const problems = await problemsOf(
      { 'tidemark.yaml': yaml('a', 'temporal: { address: "h:1", tls: { ca: none.pem } }') },
      { TEMPORAL_CONFIG_FILE: __filename },
    );
    expect(problems).toEqual([
      expect.stringMatching(/temporal: Temporal's configuration file cannot be read/),
    ]);
    expect(
      await problemsOf({ 'tidemark.yaml': yaml('a', 'temporal: { address: "h:1", tls: { ca: none.pem } }') }),
    ).toEqual([expect.stringMatching(/temporal\.tls\.ca: 'none\.pem': there is no such file/)]);
    expect(
      await problemsOf(
        { 'tidemark.yaml': yaml('a') },
        { TEMPORAL_ADDRESS: 'h:1', TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem' },
      ),
    ).toEqual([expect.stringMatching(/temporal: a certificate for Temporal cannot be read/)]);
  });
});
