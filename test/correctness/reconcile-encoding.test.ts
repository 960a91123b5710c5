import { serverAddresses } from '../support/servers';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
  await harness.destination.query(
    `CREATE DATABASE ${name()} ENCODING 'LATIN1' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
  );
});
afterAll(async () => {
  await harness.destination.query(`DROP DATABASE IF EXISTS ${name()} WITH (FORCE)`);
  await harness.stop();
});

function name(): string {
  return `${new URL(harness.destination.url).pathname.slice(1)}_latin1`;
}

it('refuses to compare hashes of text in two encodings, and copies it all the same', async () => {
  await harness.source.query(`
    CREATE TABLE encoded (id int PRIMARY KEY, at timestamptz NOT NULL, v text);
    INSERT INTO encoded VALUES (1, '2026-01-01', 'Größe')`);
  const { host, port, user, password } = serverAddresses().postgres;
  const url = `postgres://${user}:${password}@${host}:${port}/${name()}`;
  const sync = await harness.configure({ destination: { url }, tables: [{ name: 'encoded', cursor: 'at' }] });
  expect((await sync.copy()).rows).toBe(1);
  const { state, error } = await sync.reconcile();
  expect([state, error?.type]).toEqual(['failed', 'Configuration']);
  expect(error?.message).toMatch(/UTF8 and the destination's LATIN1/);
});
