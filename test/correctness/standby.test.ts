import { formatCursorValue } from '../../src/plan/cursor-value';
import { readHorizon } from '../../src/source/read-horizon';
import { connectText, createDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/poll';
import { type ReplicatedServers, startReplicatedServers } from '../support/standby';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* The source is a standby: what it has not got yet is not passed over, and what it has is copied in the end. */

let servers: ReplicatedServers;
let harness: SyncHarness;
/** The source's database, on the primary. */
let primary: TestDatabase;

beforeAll(async () => {
  servers = await startReplicatedServers();
  primary = await createDatabase(servers.primary);
  const { port } = servers.standby;
  await primary.query(
    `CREATE TABLE readings (id bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
     CREATE INDEX ON readings (at);
     CREATE TABLE numbered (id bigint PRIMARY KEY)`,
  );
  const source: TestDatabase = {
    ...primary,
    endpoint: { ...primary.endpoint, port },
    url: primary.url.replace(`:${servers.primary.port}/`, `:${port}/`),
    connect: (config) => connectText({ ...servers.standby, database: primary.endpoint.database, ...config }),
  };
  harness = await startSyncHarness({ source });
});
afterEach(() => servers.resume());
afterAll(async () => {
  await harness.stop();
  await servers.stop();
});

/** Until the standby has all that was committed. */
async function replayed(): Promise<void> {
  const { rows } = await primary.query('SELECT pg_current_wal_flush_lsn() AS lsn');
  await until(
    async () => {
      const [found] = await servers.onStandby(
        `SELECT pg_last_wal_replay_lsn() >= '${rows[0]?.lsn}'::pg_lsn AS yes`,
      );
      return found?.yes === 't';
    },
    { what: 'the standby to replay' },
  );
}

/** Commits a transaction without rows at the primary, and copies, until the target has so many rows. */
async function copyUntil(sync: TestSync, table: string, count: number, write = true): Promise<void> {
  await until(
    async () => {
      if (write) await primary.query('SELECT pg_current_xact_id()');
      await sync.copy();
      const { rows } = await harness.destination.query(`SELECT count(*) FROM ${table}`);
      return rows[0]?.count === String(count);
    },
    { what: `${count} rows of ${table}` },
  );
}

it('rows on their way are not passed over while the link stalls', async () => {
  const sync = await harness.configure({ tables: [{ name: 'readings', cursor: 'at' }] });
  await primary.query('INSERT INTO readings VALUES (1)');
  await replayed();
  await copyUntil(sync, 'readings', 1);
  await replayed();
  await servers.stall();
  await primary.query('INSERT INTO readings VALUES (2)');
  await sync.copy();
  servers.resume();
  await replayed();
  await copyUntil(sync, 'readings', 2);
  await harness.expectEqual('readings');
});

it('nor is a smaller number', async () => {
  const sync = await harness.configure({ tables: [{ name: 'numbered', cursor: 'id' }] });
  const writer = await primary.connect();
  await writer.query('BEGIN; INSERT INTO numbered VALUES (1)');
  await primary.query('INSERT INTO numbered VALUES (2)');
  await replayed();
  await servers.stall();
  await writer.query('COMMIT');
  await writer.end();
  await sync.copy();
  servers.resume();
  await replayed();
  await copyUntil(sync, 'numbered', 2);
  await harness.expectEqual('numbered');
});

it('on an idle primary the last row is copied, too', async () => {
  const sync = await harness.configure({ tables: [{ name: 'readings', cursor: 'at' }] });
  // So often the standby asks an idle primary where its WAL ends, and so much it subtracts.
  await servers.onStandby(`ALTER SYSTEM SET wal_receiver_timeout = '4s'`);
  await servers.onStandby('SELECT pg_reload_conf()');
  await primary.query('INSERT INTO readings VALUES (3)');
  await replayed();
  const { rows } = await primary.query('SELECT count(*) FROM readings');
  await copyUntil(sync, 'readings', Number(rows[0]?.count), false);
  await harness.expectEqual('readings');
});

it('where the role may not see what the standby hears, the last commit counts; after a restart the checkpoint', async () => {
  await primary.query(`CREATE ROLE weak LOGIN PASSWORD 'weak'`);
  await replayed();
  const weak = { user: 'weak', password: 'weak', database: primary.endpoint.database };
  const horizon = async (): Promise<string> => {
    const client = await connectText({ ...servers.standby, ...weak });
    await client.query(`SET timezone = 'UTC'`);
    const { instant } = await readHorizon(client, { kind: 'timestamptz', settleDelayMs: 0 });
    await client.end();
    return formatCursorValue('timestamptz', instant);
  };
  const onStandby = async (sql: string) =>
    (await servers.onStandby(`SET timezone = 'UTC'; ${sql}`)).at(-1)?.at;
  expect(await horizon()).toBe(await onStandby('SELECT pg_last_xact_replay_timestamp()::text AS at'));

  // From the checkpoint on nothing is committed, so that it replays no commit when it starts again.
  await primary.query('CHECKPOINT');
  await replayed();
  await servers.onStandby('CHECKPOINT');
  await servers.standby.restart();
  expect(await onStandby('SELECT pg_last_xact_replay_timestamp()::text AS at')).toBeNull();
  expect(await horizon()).toBe(
    await onStandby('SELECT checkpoint_time::text AS at FROM pg_control_checkpoint()'),
  );
});
