import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TemporalTls } from '../../src/config/config';
import { temporaryFolder } from '../../src/embedded/guarded-process';
import { certificatesIn, describeOpenssl } from '../support/certificates';
import { load, local, problemsOf, yaml } from './support';

describeOpenssl('a client certificate', () => {
  let files: Record<string, string>;
  beforeAll(() => {
    const folder = temporaryFolder();
    const make = certificatesIn(folder);
    make.authority('ca');
    for (const name of ['client', 'other']) make.certificate(name, 'ca');
    make.certificate('old', 'ca', { days: -1 });
    make.lock('client', 'hunter2');
    const names = [
      'ca.pem',
      'client.pem',
      'client.key',
      'client.locked.key',
      'other.key',
      'old.pem',
      'old.key',
    ];
    files = Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
    files['broken.pem'] = '-----BEGIN CERTIFICATE-----\nxxxx\n-----END CERTIFICATE-----\n';
  });
  const file = (source: string) => yaml('{ name: a, target: b }').replace(`{ url: '${local}' }`, source);
  const keys = (tls: string) => file(`{ host: h, database: d, username: u, password: p, tls: { ${tls} } }`);

  it.each([
    ['as keys', keys('cert: client.pem, key: client.key')],
    [
      'without a password',
      file('{ host: h, database: d, username: u, tls: { cert: client.pem, key: client.key } }'),
    ],
    ['in a URL', file(`{ url: 'postgresql://u@h/d?sslcert=client.pem&sslkey=client.key' }`)],
    ['behind a passphrase', keys('cert: client.pem, key: client.locked.key, passphrase: hunter2')],
    [
      'behind a passphrase, in a URL',
      file(`{ url: 'postgresql://u@h/d?sslcert=client.pem&sslkey=client.locked.key&sslpassword=hunter2' }`),
    ],
  ])('is read %s', async (_, written) => {
    const { source } = await load({ 'tidemark.yaml': written, ...files });
    expect(source.tls).toEqual({
      rejectUnauthorized: true,
      cert: files['client.pem'],
      key: files['client.key'],
    });
  });

  it.each([
    ['cert: client.pem', /both cert and key/],
    ['ca: broken.pem', /tls\.ca: 'broken\.pem' holds no certificate that can be read\. Name/],
    [
      'cert: broken.pem, key: client.key',
      /tls\.cert: 'broken\.pem' holds no certificate that can be read\. Name/,
    ],
    ['cert: client.pem, key: ca.pem', /tls\.key: 'ca\.pem' holds no private key that can be read\. Name/],
    ['cert: client.pem, key: other.key', /tls\.key: 'other\.key' is not the key of 'client\.pem'\. Name two/],
    ['cert: old.pem, key: old.key', /tls\.cert: 'old\.pem' expired on \d{4}-\d\d-\d\d\. Renew/],
    [
      'cert: client.pem, key: client.locked.key',
      /tls\.passphrase: 'client\.locked\.key' is encrypted, and .*\. Write/,
    ],
    [
      'cert: client.pem, key: client.locked.key, passphrase: hunter22',
      /tls\.passphrase: it does not open 'client\.locked\.key'\. Correct the passphrase/,
    ],
  ])('is refused where { %s }', async (tls, expected) => {
    const problems = await problemsOf({ 'tidemark.yaml': keys(tls), ...files });
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('is read for Temporal in the same way', async () => {
    const temporal = (tls: string) =>
      yaml('{ name: a, target: b }', `temporal: { address: "t:7233", tls: { ${tls} } }`);
    const locked = temporal('cert: client.pem, key: client.locked.key, passphrase: hunter2');
    const config = await load({ 'tidemark.yaml': locked, ...files });
    const { key } = (config.temporal?.tls as TemporalTls).clientCertPair ?? {};
    expect(Buffer.from(key ?? []).toString()).toBe(files['client.key']);
    expect(
      await problemsOf({ 'tidemark.yaml': temporal('cert: client.pem, key: other.key'), ...files }),
    ).toEqual([expect.stringMatching(/temporal\.tls\.key: 'other\.key' is not the key of/)]);
  });
});
