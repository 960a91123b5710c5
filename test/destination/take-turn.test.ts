import type { Client } from 'pg';
import { ensureCheckpointSchema } from '../../src/destination/checkpoint-schema';
import { takeTurn } from '../../src/destination/take-turn';
import { createDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createDatabase();
  client = await database.connect();
  await ensureCheckpointSchema(client);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const turn = (sync: string, rows: number, rowsPerSecond = 10): Promise<number> =>
  takeTurn(client, sync, rows, rowsPerSecond);
/** As if the last turn had been taken so much earlier (`1 hour`), by the destination's clock. */
const shift = (sync: string, by: string): Promise<unknown> =>
  client.query(`UPDATE tidemark.paces SET at = at - $2::interval WHERE sync = $1`, [sync, by]);
/** Some time has passed since the turn before; far less than this on any machine. */
const UNDER_MS = 60_000;

const expectAbout = (waitMs: number, expectedMs: number): void => {
  expect(waitMs).toBeLessThanOrEqual(expectedMs);
  expect(waitMs).toBeGreaterThan(expectedMs - UNDER_MS);
};

it('whoever is first reads at once, the next waits until that is paid off', async () => {
  expect(await turn('plain', 1_000)).toBe(0);
  expectAbout(await turn('plain', 2_000), 100_000);
  expectAbout(await turn('plain', 1), 300_000);
  expect(await turn('another sync', 1)).toBe(0);
});

it('nothing is saved up while nobody reads', async () => {
  await turn('idle', 1_000);
  await shift('idle', '1 hour');
  expect(await turn('idle', 1_000)).toBe(0);
  expectAbout(await turn('idle', 1), 100_000);
});

it('what is owed is paid off at the pace of now', async () => {
  await turn('faster', 100_000);
  expectAbout(await turn('faster', 0, 1_000), 100_000);
});

it('a clock that is set back keeps nobody waiting', async () => {
  await turn('set back', 1_000);
  await shift('set back', '-1 day');
  expectAbout(await turn('set back', 0), 100_000);
  await shift('set back', '100 seconds');
  expect(await turn('set back', 0)).toBe(0);
});

it('of turns that are taken at the same time none is forgotten', async () => {
  await turn('crowd', 0);
  const clients = await Promise.all(Array.from({ length: 4 }, () => database.connect()));
  const waits = await Promise.all(
    clients.map(async (one) => {
      let last = 0;
      for (let time = 0; time < 25; time++) last = await takeTurn(one, 'crowd', 100, 10);
      await one.end();
      return last;
    }),
  );
  // The last of a hundred turns waits for the ninety-nine before it.
  expectAbout(Math.max(...waits), 990_000);
});
