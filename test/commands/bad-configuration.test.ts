import { serverAddresses } from '../support/servers';
import { expectNoLeak, folderWith, runCli } from './cli';

const SECRET = 'hunter2-is-secret';
const credentials = {
  HOST: 'localhost',
  PORT: '5432',
  DATABASE: 'plant',
  USERNAME: 'reader',
  PASSWORD: SECRET,
};
const good = {
  name: 'plant',
  source: { configuration: './configuration.json' } as unknown,
  destination: { url: `postgresql://writer:${SECRET}@localhost/archive` } as unknown,
  tables: [{ name: 'sensor_data', cursor: 'time' }] as unknown,
};

interface Case {
  /** tidemark.yaml, as it is or to be merged into a good one; `none`: there is none. */
  file?: string | object;
  /** configuration.json, in the same way. */
  credentials?: string | object;
  args?: string[];
  code: number;
  cause: RegExp;
  remedy: RegExp;
}

const keys = Object.keys(credentials);
/** Says so of each key, one a line. */
const ofAllKeys = (what: string): RegExp => RegExp(keys.map((key) => `${key}: ${what}.*`).join('\n.*'));

const cases: Record<string, Case> = {
  'configuration.json without its keys': {
    credentials: '{}',
    code: 3,
    cause: ofAllKeys('this key is missing'),
    remedy: /Write "/,
  },
  'configuration.json with empty values': {
    credentials: Object.fromEntries(keys.map((key) => [key, ''])),
    code: 3,
    cause: ofAllKeys('this is empty'),
    remedy: /Write a value/,
  },
  'configuration.json with numbers': {
    credentials: Object.fromEntries(keys.map((key) => [key, 5432])),
    code: 3,
    cause: ofAllKeys('this must be a string'),
    remedy: /in double quotes/,
  },
  'configuration.json with an unknown key': {
    credentials: { HOSTS: 'x' },
    code: 3,
    cause: /HOSTS: there is no such key/,
    remedy: /Did you mean 'HOST'\?/,
  },
  'configuration.json that is broken': {
    credentials: `{\n"HOST": "x",\n"PASSWORD": "${SECRET}"\n"PORT": 1}`,
    code: 3,
    cause: /configuration\.json:[34]/,
    remedy: /Correct/,
  },
  'configuration.json that is missing': {
    file: { source: { configuration: './nowhere.json' } },
    code: 3,
    cause: /nowhere\.json/,
    remedy: /Correct the path/,
  },
  'no file': {
    file: 'none',
    code: 3,
    cause: /tidemark\.yaml: there is no such file/,
    remedy: /tidemark init/,
  },
  'broken YAML': {
    file: 'name: plant\ntables:\n  - { name: x\n',
    code: 3,
    cause: /tidemark\.yaml:\d+/,
    remedy: /Correct/,
  },
  'an empty file': { file: '', code: 3, cause: /the file is empty/, remedy: /tidemark init/ },
  'an unknown key': {
    file: { tabels: [] },
    code: 3,
    cause: /tabels: there is no such key/,
    remedy: /Did you mean 'tables'\?/,
  },
  'a value of a wrong type': {
    file: { tables: 'sensor_data' },
    code: 3,
    cause: /tables: this must be a list/,
    remedy: /Write - \{ name/,
  },
  'an unset variable': {
    file: { destination: { url: '${NOT_SET_ANYWHERE}' } },
    code: 3,
    cause: /NOT_SET_ANYWHERE is not set/,
    remedy: /Set NOT_SET_ANYWHERE/,
  },
  'append with a lookback': {
    file: { tables: [{ name: 'a', mode: 'append', lookback: '5 minutes' }] },
    code: 3,
    cause: /append with a lookback would repeat rows/,
    remedy: /lookback: 0/,
  },
  'two tables with one target': {
    file: { tables: ['a', { name: 'b', target: 'a' }] },
    code: 3,
    cause: /written to the same table/,
    remedy: /another target/,
  },
  'a command that is not there': {
    args: ['snyc'],
    code: 2,
    cause: /unknown command 'snyc'/,
    remedy: /Did you mean sync\?/,
  },
  'an option that is not there': {
    args: ['sync', '--tabel', 'x'],
    code: 2,
    cause: /unknown option '--tabel'/,
    remedy: /Did you mean --table\?/,
  },
  'no command': { args: [], code: 2, cause: /Usage: tidemark/, remedy: /tidemark init/ },
  'a table that is not configured': {
    args: ['sync', '--table', 'sensor_dat'],
    code: 2,
    cause: /no table public\.sensor_dat/,
    remedy: /Did you mean 'public\.sensor_data'\?/,
  },
  'a table name that cannot be read': {
    args: ['sync', '--table', '"open'],
    code: 2,
    cause: /double quote that is not closed/,
    remedy: /as in SQL/,
  },
  'resync without a table': { args: ['resync'], code: 2, cause: /--table/, remedy: /tidemark resync --help/ },
  'resync from something else than a value': {
    args: ['resync', '--table', 'sensor_data', '--from', 'yesterday'],
    code: 2,
    cause: /--from is not a cursor value/,
    remedy: /2026-03-01/,
  },
  'a worker with one sync twice': {
    args: ['worker', '-c', 'tidemark.yaml', '-c', './tidemark.yaml'],
    code: 3,
    cause: /given twice/,
    remedy: /name of its own/,
  },
  'init over a file': { args: ['init'], code: 2, cause: /is there already/, remedy: /--force/ },
  'init from a file that is not there': {
    args: ['init', '-c', 'new.yaml', '--from', 'nowhere.json'],
    code: 3,
    cause: /nowhere\.json: there is no such file/,
    remedy: /Correct the path/,
  },
};

it.each(Object.entries(cases))(
  '%s: says what and what to do',
  async (_, { file = {}, credentials: given = {}, args = ['sync'], code, cause, remedy }) => {
    const folder = await folderWith({
      'configuration.json': contents(given, credentials),
      ...(file !== 'none' && { 'tidemark.yaml': contents(file, good) }),
    });
    const result = await runCli(args, { folder });
    expect(result.stderr).toMatch(cause);
    expect(result.stderr).toMatch(remedy);
    expect(result.code).toBe(code);
    expectNoLeak(result, [SECRET]);
  },
);

function contents(given: string | object, whole: object): string {
  return typeof given === 'string' ? given : JSON.stringify({ ...whole, ...given }, null, 2);
}

describe('connections', () => {
  const server = () => serverAddresses().postgres;
  const url = (
    change: {
      user?: string;
      password?: string;
      host?: string;
      port?: number;
      database?: string;
      query?: string;
    } = {},
  ): string => {
    const { user, password, host, port, database, query } = {
      ...server(),
      database: 'postgres',
      query: '',
      ...change,
    };
    return `postgresql://${user}:${password}@${host}:${port}/${database}${query}`;
  };
  const connections: Record<string, { source: () => string; cause: RegExp; remedy: RegExp }> = {
    'a wrong port': {
      source: () => url({ port: 1 }),
      cause: /nothing listens there/,
      remedy: /Check host and port/,
    },
    'an unknown host': {
      source: () => url({ host: 'nowhere.invalid', query: '?sslmode=disable' }),
      cause: /the host/,
      remedy: /Check/,
    },
    'a wrong password': {
      source: () => url({ password: SECRET }),
      cause: /the password is wrong/,
      remedy: /Check the username and the password/,
    },
    'an unknown database': {
      source: () => url({ database: 'nowhere' }),
      cause: /there is no such database/,
      remedy: /Check the database's name/,
    },
    'TLS that is refused': {
      source: () => url({ query: '?sslmode=require' }),
      cause: /the server does not speak TLS/,
      remedy: /Turn TLS on/,
    },
  };
  it.each(Object.entries(connections))('%s', async (_, { source, cause, remedy }) => {
    const file = {
      ...good,
      source: { url: source() },
      destination: { url: url() },
      tables: [{ name: 'a', target: 'b' }],
    };
    const folder = await folderWith({ 'tidemark.yaml': JSON.stringify(file) });
    const results = await Promise.all([
      runCli(['sync'], { folder }),
      runCli(['check', '--json'], { folder }),
    ]);
    for (const result of results) {
      expect(result.code).toBe(4);
      expect(result.stdout + result.stderr).toMatch(cause);
      expect(result.stdout + result.stderr).toMatch(remedy);
      expectNoLeak(result, [SECRET, server().password]);
    }
    expect(JSON.parse(results[1].stdout)).toMatchObject({ ok: false });
  });

  it('a Temporal server that is not there', async () => {
    const file = {
      ...good,
      source: { url: url() },
      destination: { url: url() },
      tables: [{ name: 'a', target: 'b' }],
      temporal: { address: '127.0.0.1:1' },
    };
    const folder = await folderWith({ 'tidemark.yaml': JSON.stringify(file) });
    const result = await runCli(['worker'], { folder });
    expect(result).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(
        /Temporal at 127\.0\.0\.1:1 cannot be reached .*TEMPORAL_ADDRESS/,
      ) as string,
    });
    expectNoLeak(result);
  });
});

it('gives errors as JSON too', async () => {
  const folder = await folderWith({});
  const [config, usage] = await Promise.all([
    runCli(['status', '--json'], { folder }),
    runCli(['status', '--json', '--nope'], { folder }),
  ]);
  expect(JSON.parse(config.stdout)).toEqual({
    ok: false,
    error: {
      kind: 'configuration',
      exitCode: 3,
      message: expect.stringContaining('there is no such file') as string,
    },
  });
  expect(JSON.parse(usage.stdout)).toMatchObject({ ok: false, error: { kind: 'usage', exitCode: 2 } });
});

it('prints version and help with examples', async () => {
  const folder = await folderWith({});
  const [version, help] = await Promise.all([
    runCli(['--version'], { folder }),
    runCli(['sync', '--help'], { folder }),
  ]);
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('Examples:') as string });
});
