import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig } from '../../src/config/load';
import { connectClient, connectWorker } from '../../src/temporal/connect';
import { describeOpenssl } from '../support/certificates';
import { startTlsTemporal, type TlsTemporal } from '../support/tls-temporal';

/** Temporal Cloud takes a client certificate or an API key: both, through the configuration. */
describeOpenssl('Temporal behind TLS', () => {
  let server: TlsTemporal;
  beforeEach(async () => (server = await startTlsTemporal()));
  afterEach(() => server.close());

  /** Asks through a client's and a worker's connection, as `temporal:` in the file says. */
  async function ask(keys: object, env: NodeJS.ProcessEnv = {}): Promise<void> {
    const file = path.join(server.folder, 'tidemark.yaml');
    const ends = { source: { url: 'postgresql://u@h/d' }, destination: { url: 'postgresql://u@h/e' } };
    const temporal = { address: server.address, namespace: 'default', ...keys };
    await writeFile(file, JSON.stringify({ name: 'x', ...ends, tables: ['t'], temporal }));
    const config = (await loadConfig(file, env)).temporal;
    if (!config) throw new Error('No Temporal is configured');
    const { client, close } = await connectClient(config);
    try {
      await client.workflowService.getSystemInfo({});
    } finally {
      await close();
    }
    const connection = await connectWorker(config);
    try {
      await connection.workflowService.getSystemInfo({});
    } finally {
      await connection.close();
    }
  }

  it('a client certificate', async () => {
    await ask({ tls: { ca: './ca.pem', cert: './client.pem', key: './client.key' } });
    expect(server.certified()).toBe(true);
    expect([...server.authorizations]).toEqual([undefined]);
  });

  it('an API key', async () => {
    await ask({ tls: { ca: './ca.pem' }, apiKey: '${TEMPORAL_KEY}' }, { TEMPORAL_KEY: 'a-key' });
    expect(server.certified()).toBe(false);
    expect([...server.authorizations]).toEqual(['Bearer a-key']);
  });

  it('a server whose certificate nobody trusts is refused', async () => {
    await expect(ask({ tls: true })).rejects.toThrow(/Temporal/);
    expect(server.authorizations.size).toBe(0);
  });
});
