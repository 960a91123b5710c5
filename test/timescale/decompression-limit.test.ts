import { createTimescaleDatabase, describeNative } from '../support/native-timescale';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* TimescaleDB decompresses at most 100,000 rows for one statement (53400). That makes batches smaller. */

const unlimited = 'SET timescaledb.max_tuples_decompressed_per_dml_transaction = 0';

describeNative('upserts into compressed chunks beyond the limit', () => {
  let harness: SyncHarness;
  beforeAll(async () => {
    const [source, destination] = [await createTimescaleDatabase(), await createTimescaleDatabase()];
    harness = await startSyncHarness({ source, destination });
  });
  afterAll(() => harness.stop());

  /** The table's copy with all of its chunks compressed, and another sync, that is to write over it. */
  async function copied(name: string, sensors: number, seconds: number) {
    await harness.source.query(
      `CREATE TABLE ${name} (time timestamptz NOT NULL, sensor int NOT NULL, v float8, PRIMARY KEY (sensor, time));
       SELECT create_hypertable('${name}', 'time', chunk_time_interval => interval '10 days');
       ALTER TABLE ${name} SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor', timescaledb.compress_orderby = 'time');
       INSERT INTO ${name} SELECT '2024-03-06 00:00+00'::timestamptz + i * interval '1 second', s, i
         FROM generate_series(0, ${seconds - 1}) i, generate_series(1, ${sensors}) s;
       SELECT compress_chunk(c) FROM show_chunks('${name}') c;`,
    );
    const tables = [{ name, batch: { rows: 250_000, bytes: '1 GB' } }];
    await (await harness.configure({ tables })).copy();
    const { rows } = await harness.destination.query(
      `SELECT bool_and(is_compressed) AS all FROM timescaledb_information.chunks WHERE hypertable_name = $1`,
      [name],
    );
    expect(rows).toEqual([{ all: 't' }]);
    return harness.configure({ tables });
  }

  it('go on in smaller batches', async () => {
    const sync = await copied('wide', 20, 10_000);
    await harness.source.query(`${unlimited}; UPDATE wide SET v = v + 1`);
    const { batches, repeated } = await sync.copy();
    expect({ repeated, several: batches > 2, few: batches < 12 }).toEqual({
      repeated: 0,
      several: true,
      few: true,
    });
    await harness.expectEqual('wide');
  });

  it('go on also where a single cursor value is beyond it', async () => {
    const sync = await copied('tied', 300, 1000);
    await harness.source.query(`${unlimited}; UPDATE tied SET v = v + 1 WHERE time = '2024-03-06 00:05+00'`);
    expect((await sync.copy()).repeated).toBe(0);
    await harness.expectEqual('tied');
  });
});
