import { rootCertificates } from 'node:tls';
import { describeEndpoint } from '../../src/config/config';
import { load, local, problemsOf, yaml } from './support';

const ca = rootCertificates[0] ?? '';
const files = { 'ca.pem': ca, 'text.txt': 'hello' };

const file = (source: string) => yaml('{ name: a, target: b }').replace(`{ url: '${local}' }`, source);

async function source(written: string, env: NodeJS.ProcessEnv = {}) {
  return (await load({ 'tidemark.yaml': file(written), ...files }, env)).source;
}

const verified = { rejectUnauthorized: true };
const remote = 'host: db.example.com, database: d, username: u, password: p';

test.each([
  ['{ url: "postgresql://u:p%40%2F@h:6000/d%20b" }', 'h:6000/d b as u', 'p@/'],
  ['{ url: "postgres://u@h/d" }', 'h:5432/d as u', ''],
  ['{ url: "postgres://u:p@[::1]:1/d" }', '[::1]:1/d as u', 'p'],
  ['{ url: "postgres://u@%2Fvar%2Frun/d" }', '/var/run:5432/d as u', ''],
  ['{ url: "postgres:///d?host=/var/run&user=u&port=7" }', '/var/run:7/d as u', ''],
  [`{ ${remote}, port: 6000 }`, 'db.example.com:6000/d as u', 'p'],
  [`{ ${remote}, port: "\${PORT}" }`, 'db.example.com:77/d as u', 'p'],
  ['{ host: /var/run, database: d, username: u }', '/var/run:5432/d as u', ''],
])('%s', async (written, described, password) => {
  const endpoint = await source(written, { PORT: '77' });
  expect(describeEndpoint(endpoint)).toBe(described);
  expect(endpoint.password).toBe(password);
});

test('limits have defaults and units', async () => {
  expect(await source(`{ ${remote} }`)).toMatchObject({
    maxConnections: 4,
    connectTimeoutMs: 10_000,
    queryTimeoutMs: 900_000,
  });
  expect(
    await source(`{ ${remote}, maxConnections: 1, connectTimeout: 2 s, queryTimeout: 1.5 hours }`),
  ).toMatchObject({ maxConnections: 1, connectTimeoutMs: 2000, queryTimeoutMs: 5_400_000 });
});

describe('TLS is verified unless said otherwise, or local', () => {
  test.each<[string, object | false]>([
    ['postgresql://u:p@db.example.com/d', verified],
    ['postgresql://u:p@10.0.0.1/d', verified],
    ['postgresql://u:p@127.example.com/d', verified],
    ['postgresql://u:p@localhost.example.com/d', verified],
    ['postgresql://u:p@localhost/d', false],
    ['postgresql://u:p@127.0.0.2/d', false],
    ['postgresql://u:p@[::1]/d', false],
    ['postgresql:///d?host=/var/run&user=u', false],
    ['postgresql://u:p@h/d?sslmode=disable', false],
    ['postgresql://u:p@h/d?sslmode=require', { rejectUnauthorized: false }],
    ['postgresql://u:p@h/d?sslmode=verify-full', verified],
    ['postgresql://u:p@localhost/d?sslmode=verify-full', verified],
    ['postgresql://u:p@h/d?sslrootcert=ca.pem', { ...verified, ca }],
    ['postgresql://u:p@h/d?sslmode=verify-full&sslrootcert=system', verified],
    [
      'postgresql://u:p@h/d?sslmode=require&sslrootcert=ca.pem',
      { ...verified, ca, checkServerIdentity: expect.any(Function) },
    ],
    [
      'postgresql://u:p@h/d?sslmode=verify-ca&sslrootcert=ca.pem',
      { ...verified, ca, checkServerIdentity: expect.any(Function) },
    ],
  ])('%s', async (url, tls) => {
    expect((await source(`{ url: '${url}' }`)).tls).toEqual(tls);
  });

  test.each<[string, object | false]>([
    ['mode: disable', false],
    ['mode: require', { rejectUnauthorized: false }],
    ['mode: verify-full, ca: ./ca.pem', { ...verified, ca }],
    ['mode: verify-ca, ca: ca.pem', { ...verified, ca, checkServerIdentity: expect.any(Function) }],
  ])('tls: { %s }', async (keys, tls) => {
    expect((await source(`{ ${remote}, tls: { ${keys} } }`)).tls).toEqual(tls);
  });
});

describe('refused', () => {
  test.each([
    ["{ url: 'mysql://u:hunter2@h/d' }", /source\.url: this is not a URL of a PostgreSQL database/],
    ["{ url: 'postgres://u:hunter2#@h/d' }", /source\.url: /],
    ["{ url: 'postgres://u:hunter2%zz@h/d' }", /Write %25 for a plain %/],
    ["{ url: 'postgres://u:hunter2@h:99999/d' }", /source\.url: /],
    ["{ url: 'postgres://u:hunter2@h/d?port=x' }", /its port is not a whole number/],
    ["{ url: 'postgres://:hunter2@h/d' }", /it names no username/],
    ["{ url: 'postgres://u:hunter2@h' }", /it names no database/],
    ["{ url: 'postgres:///d?user=u&password=hunter2' }", /it names no host/],
    ["{ url: 'postgres://u:hunter2@h/d?sslmode=prefer' }", /its sslmode is not one/],
    [
      "{ url: 'postgres://u:hunter2@h/d?sslmod=require' }",
      /one of its parameters is not known\. Did you mean 'sslmode'\?/,
    ],
    [
      "{ url: 'postgres://u:hunter2@h/d?sslrootcert=none.pem' }",
      /source\.url: 'none\.pem': there is no such file/,
    ],
    ["{ url: 'postgres://u:hunter2@h/d?sslmode=verify-ca' }", /verify-ca needs the ca/],
    ["{ url: 'postgres://u:hunter2@h/d?sslmode=require', tls: { mode: require } }", /tls: TLS is set both/],
    ["{ host: h, database: d, username: u, password: '' }", /source\.password: this is empty/],
    [`{ ${remote}, tls: { mode: prefer } }`, /tls\.mode: there is no such TLS mode/],
    [`{ ${remote}, tls: { ca: none.pem } }`, /tls\.ca: 'none\.pem': there is no such file/],
    [`{ ${remote}, tls: { ca: text.txt } }`, /tls\.ca: 'text\.txt' is not a PEM file/],
    [`{ ${remote}, tls: { cert: cert.pem } }`, /both cert and key/],
    [`{ ${remote}, tls: { mode: require, ca: ca.pem } }`, /mode require does not look at the ca/],
    ['{ host: /var/run, database: d, username: u, tls: { mode: require } }', /a unix socket takes no TLS/],
  ])('%s', async (written, expected) => {
    const problems = (await problemsOf({ 'tidemark.yaml': file(written), ...files })).join('\n');
    expect(problems).toMatch(expected);
    expect(problems).not.toContain('hunter2');
  });
});

test('an endpoint is named without its password', async () => {
  const config = await load({
    'tidemark.yaml': yaml('{ name: a, target: b }').replace('u:p@', 'u:hunter2@'),
  });
  expect(config.source.password).toBe('hunter2');
  expect(describeEndpoint(config.source)).not.toMatch(/hunter/);
});
