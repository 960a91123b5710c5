import type { Client } from 'pg';
import { until } from '../support/poll';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* Rows that become visible late. The settle delay is 1 ms, so that nothing but the mechanism named protects them. */

let harness: SyncHarness;
const openClients: Client[] = [];
beforeAll(async () => (harness = await startSyncHarness()));
afterEach(async () => {
  await Promise.all(openClients.splice(0).map((client) => client.end()));
});
afterAll(() => harness.stop());

/** A table with rows of the last hour, and a sync of it. */
async function readings(name: string, settings: object = {}): Promise<TestSync> {
  await harness.source.query(
    `CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
     CREATE INDEX ON ${name} (at);
     INSERT INTO ${name} SELECT i, now() - i * interval '1 minute' FROM generate_series(1, 60) i`,
  );
  return harness.configure({ tables: [{ name, cursor: 'at', ...settings }] });
}

async function session(): Promise<Client> {
  const client = await harness.source.connect();
  openClients.push(client);
  return client;
}

async function ids(table: string): Promise<string[]> {
  const { rows } = await harness.destination.query(`SELECT id FROM ${table} WHERE id > 60 ORDER BY id`);
  return rows.map(({ id }) => id ?? '');
}

it('a transaction that commits late with an earlier time is not passed over', async () => {
  const sync = await readings('late_commit');
  const writer = await session();
  await writer.query(`BEGIN; INSERT INTO late_commit (id) VALUES (61)`);
  await harness.source.query(`INSERT INTO late_commit (id) VALUES (62)`);

  const { warnings } = await sync.copy();
  expect(warnings).toEqual([
    expect.stringMatching(/^the horizon is held back by a transaction open since .*pid/),
  ]);
  expect(await ids('late_commit')).toEqual([]);

  await writer.query('COMMIT');
  expect((await sync.copy()).warnings).toEqual([]);
  expect(await ids('late_commit')).toEqual(['61', '62']);
  await harness.expectEqual('late_commit');
});

it('a transaction that has written nothing yet, and writes after the run, is not passed over', async () => {
  const sync = await readings('no_xid');
  const writer = await session();
  await writer.query(`BEGIN; SELECT count(*) FROM no_xid`);
  await harness.source.query(`INSERT INTO no_xid (id) VALUES (62)`);
  await sync.copy();
  await writer.query(`INSERT INTO no_xid (id) VALUES (61)`);
  await writer.query('COMMIT');
  await sync.copy();
  expect(await ids('no_xid')).toEqual(['61', '62']);
});

it('a prepared transaction is not passed over', async () => {
  const sync = await readings('prepared');
  const writer = await session();
  await writer.query(`BEGIN; INSERT INTO prepared (id) VALUES (61); PREPARE TRANSACTION 'horizon test'`);
  await writer.end();
  openClients.pop();
  await harness.source.query(`INSERT INTO prepared (id) VALUES (62)`);
  try {
    const { warnings } = await sync.copy();
    expect(warnings).toEqual([
      expect.stringMatching(/^the horizon is held back by a prepared transaction open since/),
    ]);
  } finally {
    await harness.source.query(`COMMIT PREPARED 'horizon test'`);
  }
  await sync.copy();
  expect(await ids('prepared')).toEqual(['61', '62']);
  await harness.expectEqual('prepared');
});

it('a row of the future is counted, waits for its time, and arrives then', async () => {
  const sync = await readings('future');
  await harness.source.query(`INSERT INTO future VALUES (61, now() + interval '1 hour')`);
  const first = await sync.copy();
  expect(first.odd).toMatchObject({ beyondHorizon: 1 });
  expect(await ids('future')).toEqual([]);
  // Its time comes: before the rows of a run that had gone on from it.
  await harness.source.query(`UPDATE future SET at = clock_timestamp() WHERE id = 61`);
  await until(async () => {
    const { rows } = await harness.source.query(
      `SELECT now() > max(at) + interval '10 ms' AS over FROM future`,
    );
    return rows[0]?.over === 't';
  });
  const second = await sync.copy();
  expect(second.odd).toMatchObject({ beyondHorizon: 0 });
  expect(second.rows).toBe(1);
  await harness.expectEqual('future');
});

it('rows that arrive late are found within the lookback', async () => {
  const sync = await readings('late', { lookback: '10 minutes' });
  await sync.copy();
  await harness.source.query(`INSERT INTO late VALUES (61, now() - interval '9 minutes')`);
  const { rows } = await sync.copy();
  expect(rows).toBeLessThan(20);
  await harness.expectEqual('late');
});

it('of an integer cursor column, a lower number that commits late is not passed over', async () => {
  await harness.source.query(
    `CREATE TABLE numbered (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, note text);
     INSERT INTO numbered (note) SELECT 'n' || i FROM generate_series(1, 10) i`,
  );
  const sync = await harness.configure({ tables: [{ name: 'numbered', cursor: 'id' }] });
  const writer = await session();
  await writer.query(`BEGIN; INSERT INTO numbered (note) VALUES ('eleven')`);
  await harness.source.query(`INSERT INTO numbered (note) VALUES ('twelve')`);
  const { warnings } = await sync.copy();
  expect(warnings).toEqual([expect.stringMatching(/^the horizon is held back by a transaction/)]);
  await writer.query('COMMIT');
  await sync.copy();
  await harness.expectEqual('numbered');
});

it.each(['smallint', 'integer'])('an integer cursor column of type %s is followed', async (type) => {
  const name = `of_${type}`;
  await harness.source.query(
    `CREATE TABLE ${name} (id ${type} PRIMARY KEY, note text);
     INSERT INTO ${name} SELECT i, 'n' FROM generate_series(-5, 5) i`,
  );
  const sync = await harness.configure({ tables: [{ name, cursor: 'id', batch: { rows: 3 } }] });
  expect(await sync.copy()).toMatchObject({ rows: 11, batches: 4 });
  await harness.source.query(`INSERT INTO ${name} SELECT i, 'm' FROM generate_series(6, 7) i`);
  expect(await sync.copy()).toMatchObject({ rows: 2 });
  await harness.expectEqual(name);
});

it('of a date, a day is copied once it is over in the last time zone', async () => {
  await harness.source.query(
    `CREATE TABLE of_date (day date, id int PRIMARY KEY);
     INSERT INTO of_date SELECT current_date - i, i FROM generate_series(-1, 400) i`,
  );
  const sync = await harness.configure({
    tables: [{ name: 'of_date', cursor: 'day', batch: { rows: 100 } }],
  });
  const over = `day < ((now() - interval '12 hours') AT TIME ZONE 'UTC')::date`;
  const { rows } = await harness.source.query(`SELECT FROM of_date WHERE NOT ${over}`);
  expect(await sync.copy()).toMatchObject({ rows: 402 - rows.length, odd: { beyondHorizon: rows.length } });
  await harness.expectEqual(`of_date WHERE ${over}`, 'of_date');
});

it('a timestamp without time zone is read up to the earliest local time that a session may write', async () => {
  const sync = await harness.configure({ tables: [{ name: 'of_timestamp', cursor: 'at', timeZone: 'UTC' }] });
  await harness.source.query(
    `CREATE TABLE of_timestamp (id int PRIMARY KEY, at timestamp DEFAULT (now() AT TIME ZONE 'UTC'));
     INSERT INTO of_timestamp SELECT i, now() AT TIME ZONE 'UTC' - i * interval '0.000001 s' FROM generate_series(1, 60) i`,
  );
  const writer = await session();
  await writer.query(`BEGIN; INSERT INTO of_timestamp (id) VALUES (61)`);
  await harness.source.query(`INSERT INTO of_timestamp (id) VALUES (62)`);
  await sync.copy();
  expect(await ids('of_timestamp')).toEqual([]);
  await writer.query('COMMIT');
  await sync.copy();
  expect(await ids('of_timestamp')).toEqual(['61', '62']);
  await harness.expectEqual('of_timestamp');
});
