import { ensureCheckpointSchema } from '../../src/destination/checkpoint-schema';
import { createTable } from '../../src/destination/create-table';
import { addPolicies } from '../../src/destination/add-policies';
import type { TestDatabase } from '../support/database';
import { startTimescaleDatabase } from '../support/timescale';

/* What a source says of its hypertables, made to become SQL where their copies are made. */

const hostile = (what: string): string => `${what}"'); DROP TABLE public.canary; --`;

let database: TestDatabase;
beforeAll(async () => (database = await startTimescaleDatabase()));
afterAll(() => database.drop());

it('names stay names in a hypertable’s dimensions, settings and policies', async () => {
  await database.query(`CREATE TABLE canary ()`);
  const name = { schema: hostile('schema'), name: hostile('table') };
  const column = (what: string, type: string) => ({
    name: hostile(what),
    type,
    chosen: false,
    sourceType: type,
  });
  const client = await database.connect();
  try {
    await ensureCheckpointSchema(client);
    await createTable(
      client,
      { sync: 'hostile', table: hostile('table') },
      {
        name,
        columns: [
          column('at', 'timestamp with time zone'),
          column('sensor', 'text'),
          column('site', 'integer'),
        ],
        key: [],
        nullableKey: [],
        cursor: { column: hostile('at'), kind: 'timestamptz' },
        mode: 'append',
        knownColumns: undefined,
        createdHere: false,
        keyLater: false,
        partitions: {
          kind: 'hypertable',
          dimensions: [
            { column: hostile('at'), kind: 'time', microseconds: 86_400_000_000n },
            { column: hostile('site'), kind: 'space', partitions: 2 },
          ],
          compression: {
            segmentBy: [hostile('sensor')],
            orderBy: [{ column: hostile('site'), descending: true, nullsFirst: false }],
          },
        },
        mayCreate: true,
      },
    );
    const policy = {
      kind: 'retention',
      by: 'rows',
      after: hostile('1 day'),
      scheduleInterval: '1 day',
    } as const;
    await expect(addPolicies(client, name, [policy])).rejects.toMatchObject({ code: '22007' });
    const { rows } = await client.query(
      `SELECT attname, segmentby_column_index AS segment FROM timescaledb_information.compression_settings
       WHERE hypertable_name = $1 AND orderby_column_index IS DISTINCT FROM 2 ORDER BY 1`,
      [name.name],
    );
    expect(rows).toEqual([
      { attname: hostile('sensor'), segment: '1' },
      { attname: hostile('site'), segment: null },
    ]);
    await client.query(`SELECT FROM canary`);
  } finally {
    await client.end();
  }
});
