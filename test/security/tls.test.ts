import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { CommandError } from '../../src/commands/command-error';
import { withSession } from '../../src/commands/with-session';
import { loadConfig } from '../../src/config/load';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { type PostgresServer, startPostgres } from '../../src/embedded/postgres';
import { postgresBinaries } from '../../src/embedded/postgres-binaries';
import { certificatesIn, describeOpenssl } from '../support/certificates';
import { until } from '../support/poll';

/* A server with a chain of certificates: root, intermediate, its own. Each mode takes what it may, and says of the rest what is wrong. */
describeOpenssl('a server with TLS', () => {
  const folder = temporaryFolder();
  const file = (name: string): string => path.join(folder, name);
  let server: PostgresServer;
  let admin: Client;
  let configurations = 0;

  beforeAll(async () => {
    const make = certificatesIn(folder);
    for (const root of ['root', 'stranger']) make.authority(root);
    make.certificate('between', 'root', { signs: true });
    make.certificate('good', 'between', { host: 'localhost' });
    make.certificate('elsewhere', 'between', { host: 'db.example.com' });
    make.certificate('expired', 'between', { host: 'localhost', days: -1 });
    make.certificate('certified', 'between');
    make.certificate('impostor', 'stranger', { commonName: 'certified' });
    make.lock('certified', 'secret');
    for (const name of ['good', 'elsewhere', 'expired', 'certified'])
      writeFileSync(
        file(`${name}.chain.pem`),
        ['between', name]
          .map((one) => readFileSync(file(`${one}.pem`)))
          .reverse()
          .join(''),
      );

    server = await startPostgres({ folder: file('postgres'), durable: false });
    const data = file('postgres/data');
    const hba = path.join(data, 'pg_hba.conf');
    writeFileSync(
      hba,
      `hostssl all certified 127.0.0.1/32 cert\nhostnossl all encrypted 127.0.0.1/32 reject\n${readFileSync(hba, 'utf8')}`,
    );
    admin = new Client({ connectionString: server.url });
    await admin.connect();
    await admin.query(`CREATE ROLE certified LOGIN; CREATE ROLE encrypted LOGIN PASSWORD 'p'`);
    const { runAs } = postgresBinaries();
    for (const name of ['good', 'elsewhere', 'expired']) {
      const key = path.join(data, `${name}.key`);
      writeFileSync(key, readFileSync(file(`${name}.key`)), { mode: 0o600 });
      if (runAs) chownSync(key, runAs.uid, runAs.gid);
      writeFileSync(path.join(data, `${name}.pem`), readFileSync(file(`${name}.chain.pem`)));
    }
    writeFileSync(path.join(data, 'root.pem'), readFileSync(file('root.pem')));
    await admin.query(`ALTER SYSTEM SET ssl_ca_file = 'root.pem'`);
  });
  afterAll(async () => {
    await admin.end();
    await server.stop();
  });

  /** From the next connection on the server shows this certificate; undefined: it speaks no TLS. */
  async function show(name: string | undefined): Promise<void> {
    if (name !== undefined)
      for (const [key, ending] of [
        ['ssl_cert_file', 'pem'],
        ['ssl_key_file', 'key'],
      ])
        await admin.query(`ALTER SYSTEM SET ${key} = '${name}.${ending}'`);
    await admin.query(`ALTER SYSTEM SET ssl = ${name === undefined ? 'off' : 'on'}`);
    await admin.query(`SELECT pg_reload_conf()`);
    await until(async () => (await shown()) === (name ?? 'off'));
  }

  async function shown(): Promise<string | undefined> {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query<{ shown: string }>(
      `SELECT CASE current_setting('ssl') WHEN 'on' THEN replace(current_setting('ssl_cert_file'), '.pem', '') ELSE 'off' END AS shown`,
    );
    await client.end();
    return rows[0]?.shown;
  }

  /** Connects as a configuration says, and tells how that is encrypted, or what was said. */
  async function connect(tls: object | undefined, keys: object = {}): Promise<string> {
    const end = {
      host: 'localhost',
      port: server.port,
      database: 'postgres',
      username: 'encrypted',
      password: 'p',
      tls,
      ...keys,
    };
    const text = {
      name: 'x',
      source: end,
      destination: { url: 'postgresql://u@h/e' },
      tables: [{ name: 't', cursor: 'c' }],
    };
    const written = file(`${++configurations}.yaml`);
    writeFileSync(written, JSON.stringify(text));
    const config = await loadConfig(written, {});
    try {
      return await withSession(config, 'source', async (client) => {
        const { rows } = await client.query<{ version: string | null }>(
          `SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
        );
        return rows[0]?.version ?? 'plain';
      });
    } catch (error) {
      if (error instanceof CommandError) return `${error.message} | ${error.remedy}`;
      throw error;
    }
  }

  const unknown =
    /: the server's certificate comes from an unknown authority .*\| Name the authority in tls\.ca/;
  const otherHost =
    /: the server's certificate is for another host .*\| Use the host that the certificate names/;
  const expired = /: the server's certificate has expired .*\| Renew it/;
  const noTls = /: the server does not speak TLS \| Turn TLS on there/;
  const encrypted = /^TLSv1\.3$/;
  const refused = /: the server refuses this user .*\| Check the user, and that pg_hba\.conf .* with TLS/;
  const modes = {
    'mode disable': { mode: 'disable' },
    'mode require': { mode: 'require' },
    'verify-full, of the public authorities': { mode: 'verify-full' },
    'verify-full, of the authority': { ca: 'root.pem' },
    'verify-full, of another': { ca: 'stranger.pem' },
    'verify-ca, of the authority': { mode: 'verify-ca', ca: 'root.pem' },
    'verify-ca, of another': { mode: 'verify-ca', ca: 'stranger.pem' },
  };

  it.each([
    ['a good certificate', 'good', [refused, encrypted, unknown, encrypted, unknown, encrypted, unknown]],
    [
      'one for another host',
      'elsewhere',
      [refused, encrypted, unknown, otherHost, unknown, encrypted, unknown],
    ],
    ['one that has expired', 'expired', [refused, encrypted, expired, expired, expired, expired, expired]],
    ['no TLS', undefined, [refused, noTls, noTls, noTls, noTls, noTls, noTls]],
  ])('that has %s', async (_, certificate, expected) => {
    await show(certificate);
    // No other way of Node's opens what the configuration closes.
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const said = Object.entries(modes).map(async ([mode, tls]) => [mode, await connect(tls)]);
      expect(await Promise.all(said)).toEqual(
        Object.keys(modes).map((mode, i) => [mode, expect.stringMatching(expected[i] ?? /^$/) as string]),
      );
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  it('that is reached by an address which its certificate does not name', async () => {
    await show('good');
    expect(await connect({ ca: 'root.pem' }, { host: '127.0.0.1' })).toMatch(otherHost);
    expect(await connect({ mode: 'verify-ca', ca: 'root.pem' }, { host: '127.0.0.1' })).toMatch(encrypted);
  });

  const chain = 'certified.chain.pem';
  it.each([
    ['is there, with its chain', { cert: chain, key: 'certified.key' }, encrypted],
    [
      'has a key behind a passphrase',
      { cert: chain, key: 'certified.locked.key', passphrase: 'secret' },
      encrypted,
    ],
    ['is missing', {}, /: the server refuses this user .*client certificate/],
    [
      'lacks its chain',
      { cert: 'certified.pem', key: 'certified.key' },
      /: the client certificate comes from an authority that the server does not know .*\| Give one/,
    ],
    [
      'is of another authority',
      { cert: 'impostor.pem', key: 'impostor.key' },
      /: the client certificate comes from an authority that the server does not know/,
    ],
    ["is another user's", { cert: 'good.chain.pem', key: 'good.key' }, /: the server refuses this user/],
  ])('that asks for a client certificate, which %s', async (_, own, expected) => {
    await show('good');
    const password = 'cert' in own ? undefined : 'p';
    expect(await connect({ ca: 'root.pem', ...own }, { username: 'certified', password })).toMatch(expected);
  });
});
