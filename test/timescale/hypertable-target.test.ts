import { createTimescaleDatabase, describeNative } from '../support/native-timescale';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* A destination with TimescaleDB: the target is alike, and what is compressed at the source is so there. */

const CHUNKS = `SELECT hypertable_name AS name, range_start::text, range_start_integer::text, is_compressed
  FROM timescaledb_information.chunks`;

describeNative('a hypertable at a destination with TimescaleDB', () => {
  let harness: SyncHarness;
  beforeAll(async () => {
    const [source, destination] = [await createTimescaleDatabase(), await createTimescaleDatabase()];
    harness = await startSyncHarness({ source, destination });
  });
  afterAll(() => harness.stop());

  const chunks = async (end: 'source' | 'destination', table: string): Promise<object[]> =>
    (await harness[end].query(`${CHUNKS} WHERE hypertable_name = $1 ORDER BY 2, 3`, [table])).rows;
  const rows = async (sql: string): Promise<object[]> => (await harness.destination.query(sql)).rows;

  /** Four days of ten sensors, the first two compressed. */
  const readings = (name: string): Promise<unknown> =>
    harness.source.query(
      `CREATE TABLE ${name} (time timestamptz NOT NULL, "Sensor" int NOT NULL, v float8, PRIMARY KEY ("Sensor", time));
       SELECT create_hypertable('${name}', 'time', chunk_time_interval => interval '1 day');
       SELECT add_dimension('${name}', 'Sensor', number_partitions => 2);
       ALTER TABLE ${name} SET (timescaledb.compress, timescaledb.compress_segmentby = '"Sensor"', timescaledb.compress_orderby = 'time ASC NULLS LAST');
       INSERT INTO ${name} SELECT '2024-03-01 00:00+00'::timestamptz + i * interval '1 minute', s, i * s FROM generate_series(0, 4 * 1440 - 1) i, generate_series(1, 3) s;
       SELECT compress_chunk(c) FROM show_chunks('${name}', older_than => '2024-03-03 00:00+00'::timestamptz) c;`,
    );

  it('has the dimensions, settings and compressed chunks of the source', async () => {
    await readings('readings');
    const sync = await harness.configure({ tables: [{ name: 'readings', batch: { rows: 2000 } }] });
    const handle = await sync.start();
    await handle.result();
    await harness.expectEqual('readings');
    expect(await chunks('destination', 'readings')).toEqual(await chunks('source', 'readings'));
    const settings = `SELECT attname, segmentby_column_index, orderby_column_index, orderby_asc, orderby_nullsfirst
      FROM timescaledb_information.compression_settings WHERE hypertable_name = 'readings' ORDER BY 1`;
    expect(await rows(settings)).toEqual((await harness.source.query(settings)).rows);
    const dimensions = `SELECT column_name, time_interval::text, num_partitions FROM timescaledb_information.dimensions
      WHERE hypertable_name = 'readings' ORDER BY dimension_number`;
    expect(await rows(dimensions)).toEqual((await harness.source.query(dimensions)).rows);
    expect(await rows(`SELECT FROM timescaledb_information.jobs WHERE hypertable_name = 'readings'`)).toEqual(
      [],
    );
    const history = await harness.client.workflow
      .getHandle(`${handle.workflowId}/public.readings`)
      .fetchHistory();
    const compressed = (history.events ?? []).filter(
      ({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name === 'compressInterval',
    );
    expect(compressed.length).toBeGreaterThanOrEqual(4);

    // What comes later goes where it belongs, and is compressed by nobody.
    await harness.source.query(
      `INSERT INTO readings SELECT clock_timestamp(), i, i FROM generate_series(0, 9) i`,
    );
    await sync.copy();
    await harness.expectEqual('readings');
  });

  it('of which a first load that was cut short is compressed all the same', async () => {
    await readings('cut_short');
    const sync = await harness.configure({ tables: [{ name: 'cut_short', batch: { rows: 2000 } }] });
    let batches = 0;
    harness.onMoment = (moment) => {
      if (moment === 'committed') batches += 1;
      if (moment === 'before-commit' && batches === 3) throw new Error('cut short');
    };
    expect((await sync.fail()).type).toBe('Unexpected');
    harness.onMoment = undefined;
    await sync.copy();
    await harness.expectEqual('cut_short');
    expect(await chunks('destination', 'cut_short')).toEqual(await chunks('source', 'cut_short'));
  });

  it('has the configured interval and the policies, where they are asked for', async () => {
    await readings('kept');
    await harness.source.query(
      `SELECT add_compression_policy('kept', interval '70 days', schedule_interval => interval '3 days');
       SELECT add_retention_policy('kept', interval '5000 days');
       SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs WHERE hypertable_name = 'kept'`,
    );
    const sync = await harness.configure({
      tables: [{ name: 'kept', chunkInterval: '2 days', policies: 'mirror' }],
    });
    await sync.copy();
    await harness.expectEqual('kept');
    // Two days' chunks lie across intervals of one: the sweep at the end compresses them.
    expect(
      await rows(
        `SELECT range_start::date::text AS day, is_compressed AS compressed FROM timescaledb_information.chunks
         WHERE hypertable_name = 'kept' GROUP BY 1, 2 ORDER BY 1`,
      ),
    ).toEqual([
      { day: '2024-02-29', compressed: 't' },
      // Of its two days one is not compressed at the source.
      { day: '2024-03-02', compressed: 'f' },
      { day: '2024-03-04', compressed: 'f' },
    ]);
    expect(
      await rows(
        `SELECT proc_name, schedule_interval::text, config ->> 'compress_after' AS compress, config ->> 'drop_after' AS drop
         FROM timescaledb_information.jobs WHERE hypertable_name = 'kept' ORDER BY 1`,
      ),
    ).toEqual([
      { proc_name: 'policy_compression', schedule_interval: '3 days', compress: '70 days', drop: null },
      { proc_name: 'policy_retention', schedule_interval: '1 day', compress: null, drop: '5000 days' },
    ]);
  });

  it('tells continuous aggregates of it what changed', async () => {
    await readings('watched');
    const sync = await harness.configure({ tables: ['watched'] });
    await sync.copy();
    await harness.destination.query(
      `CREATE MATERIALIZED VIEW daily WITH (timescaledb.continuous) AS
         SELECT time_bucket('1 day', time) AS day, sum(v) AS sum FROM watched GROUP BY 1 WITH NO DATA`,
    );
    const refresh = `CALL refresh_continuous_aggregate('daily', NULL, NULL)`;
    await harness.destination.query(refresh);
    await harness.source.query(`UPDATE watched SET v = v + 1`);
    await (await harness.configure({ tables: ['watched'] })).copy();
    await harness.destination.query(refresh);
    await harness.expectEqual(
      `(SELECT time_bucket('1 day', time) AS day, sum(v) AS sum FROM watched GROUP BY 1) w`,
      'daily',
    );
  });

  it('is parted by integers and dates as well', async () => {
    await harness.source.query(
      `CREATE TABLE numbered (n bigint NOT NULL, v int);
       SELECT create_hypertable('numbered', 'n', chunk_time_interval => 100);
       ALTER TABLE numbered SET (timescaledb.compress);
       INSERT INTO numbered SELECT i, i FROM generate_series(-50, 449) i;
       SELECT compress_chunk(c) FROM show_chunks('numbered', older_than => 200) c;
       CREATE TABLE days (d date NOT NULL, v int);
       SELECT create_hypertable('days', 'd', chunk_time_interval => interval '7 days');
       ALTER TABLE days SET (timescaledb.compress);
       INSERT INTO days SELECT '2024-01-01'::date + i, i FROM generate_series(0, 99) i;
       SELECT compress_chunk(c) FROM show_chunks('days', older_than => '2024-03-01'::date) c;`,
    );
    const sync = await harness.configure({ tables: ['numbered', 'days'], settleDelay: '1 ms' });
    expect((await sync.run()).ok).toBe(true);
    for (const table of ['numbered', 'days']) {
      expect((await chunks('destination', table)).length).toBeGreaterThan(4);
    }
    expect(await chunks('destination', 'days')).toEqual(await chunks('source', 'days'));
    await harness.expectEqual('days');
  });

  it('is a plain table where the key has not its dimension, or where that is asked for', async () => {
    await readings('newest');
    const sync = await harness.configure({ tables: [{ name: 'newest', key: ['"Sensor"'] }] });
    const { warnings } = await sync.copy();
    expect(warnings).toContainEqual(
      expect.stringMatching(/plain table, not a hypertable: its key \("Sensor"\) has not the dimension time/),
    );
    expect(await chunks('destination', 'newest')).toEqual([]);
    const asked = await harness.configure({
      tables: [{ name: 'newest', key: ['"Sensor"'], partitions: 'hypertable', target: 'never' }],
    });
    expect((await asked.fail()).message).toMatch(/cannot be a hypertable: its key .*partitions: none/);

    await readings('plain');
    const plain = await harness.configure({ tables: [{ name: 'plain', partitions: 'none' }] });
    expect((await plain.copy()).warnings).toEqual([]);
    expect(await chunks('destination', 'plain')).toEqual([]);
    await harness.expectEqual('plain');
  });

  it('is made of a plain table where that is asked for, and never of one that is there', async () => {
    await harness.source.query(
      `CREATE TABLE log (at timestamptz NOT NULL, what text);
       INSERT INTO log SELECT '2024-01-01'::timestamptz + i * interval '1 day', i FROM generate_series(0, 29) i`,
    );
    const table = { name: 'log', cursor: 'at', partitions: 'hypertable', chunkInterval: '10 days' };
    await (await harness.configure({ tables: [table] })).copy();
    expect((await chunks('destination', 'log')).length).toBeGreaterThan(2);
    await harness.destination.query(`CREATE TABLE there (at timestamptz NOT NULL, what text)`);
    await (await harness.configure({ tables: [{ ...table, target: 'there' }] })).copy();
    expect(await chunks('destination', 'there')).toEqual([]);
    await harness.expectEqual('log', 'there');
  });
});
