import type { Client } from 'pg';
import { ensureCheckpointSchema } from '../../src/destination/checkpoint-schema';
import { lockIntervals } from '../../src/destination/intervals';
import { lockInterval, Superseded } from '../../src/destination/lock-interval';
import { IntervalBusy } from '../../src/destination/patient-lock';
import { createDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/poll';

const request = { sync: 'plant', table: 'public.a', epoch: 3, interval: 1 };
/** As long as the one who is ended may take to be gone. */
const PATIENCE_MS = 3_000;
let database: TestDatabase;
let first: Client;
let second: Client;

beforeEach(async () => {
  database = await createDatabase();
  [first, second] = await Promise.all([database.connect(), database.connect()]);
  await ensureCheckpointSchema(first);
  await first.query(`
    INSERT INTO tidemark.tables (sync, "table", epoch, run) VALUES ('plant', 'public.a', 4, 'run 4');
    INSERT INTO tidemark.intervals (sync, "table", id, epoch, lower, upper, position)
    VALUES ('plant', 'public.a', 1, 3, '0', '9', '0')`);
  await first.query('BEGIN');
  await second.query('BEGIN');
});

afterEach(async () => {
  await Promise.all([first, second].map((client) => client.end().catch(() => undefined)));
  await database.drop();
});

test('a batch waits for another attempt that is about to commit, and sees its position', async () => {
  await lockInterval(first, { ...request, patienceMs: 10_000 });
  const locked = lockInterval(second, { ...request, patienceMs: 10_000 });
  await until(async () => {
    const waiting = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return waiting.rows.length > 0;
  });
  await first.query(`UPDATE tidemark.intervals SET position = '5'`);
  await first.query('COMMIT');
  expect((await locked).position).toBe('5');
});

test('an attempt that holds the interval for longer is ended: it can write no more', async () => {
  await lockInterval(first, { ...request, patienceMs: 300 });
  await first.query(`UPDATE tidemark.intervals SET position = '5'`);
  expect((await lockInterval(second, { ...request, patienceMs: PATIENCE_MS })).position).toBe('0');
  await expect(first.query('COMMIT')).rejects.toThrow();
});

test('a new run ends the session of a batch whose worker is gone', async () => {
  await lockInterval(first, { ...request, patienceMs: 300 });
  await lockIntervals(second, request);
  await expect(first.query('COMMIT')).rejects.toThrow();
});

test('a session of the same name in another database is not ended', async () => {
  const other = await createDatabase();
  const client = await other.connect();
  await ensureCheckpointSchema(client);
  await other.query(`
    INSERT INTO tidemark.tables (sync, "table", epoch) VALUES ('plant', 'public.a', 3);
    INSERT INTO tidemark.intervals (sync, "table", id, epoch, lower, upper, position)
    VALUES ('plant', 'public.a', 1, 3, '0', '9', '0')`);
  await client.query('BEGIN');
  await lockInterval(client, { ...request, patienceMs: 300 });
  await lockInterval(first, { ...request, patienceMs: 300 });
  await lockInterval(second, { ...request, patienceMs: PATIENCE_MS });
  await client.query('COMMIT');
  await client.end();
  await other.drop();
});

test('a session that is not ours is not ended', async () => {
  await first.query('SELECT FROM tidemark.intervals FOR UPDATE');
  await expect(lockInterval(second, { ...request, patienceMs: 300 })).rejects.toThrow(IntervalBusy);
  await first.query('COMMIT');
});

test('an earlier run is told who took the table over', async () => {
  const earlier = lockInterval(first, { ...request, epoch: 2, patienceMs: 300 });
  await expect(earlier).rejects.toEqual(new Superseded('run 4'));
});
