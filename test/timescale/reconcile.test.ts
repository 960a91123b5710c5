import { createTimescaleDatabase, describeNative } from '../support/native-timescale';
import { startSyncHarness, type SyncHarness, type TestSync } from '../support/sync-harness';

/* Hints, compressed chunks and retention, on a native TimescaleDB. */

describeNative('reconcile of hypertables', () => {
  let harness: SyncHarness;
  beforeAll(async () => {
    harness = await startSyncHarness({ source: await createTimescaleDatabase() });
  });
  afterAll(() => harness.stop());

  /** Its counters are there at once: a session that rests may hold them back for ten seconds. */
  const source = async (sql: string): Promise<void> => {
    await harness.source.query(sql);
    await harness.source.query('SELECT pg_stat_force_next_flush()');
  };
  const rowsAt = async (sql: string): Promise<number> =>
    Number((await harness.destination.query(`SELECT count(*) FROM ${sql}`)).rows[0]?.['count']);

  /** Ten days in ten chunks, a row each ten minutes of three sensors in turn. */
  const readings = async (
    name: string,
    chunks = `chunk_time_interval => interval '1 day'`,
  ): Promise<void> => {
    await source(
      `CREATE TABLE ${name} (at timestamptz NOT NULL, sensor int NOT NULL, v float8, PRIMARY KEY (sensor, at))`,
    );
    await source(`SELECT create_hypertable('${name}', 'at', ${chunks})`);
    await source(`
      INSERT INTO ${name} SELECT '2026-01-01 00:00:00+00'::timestamptz + n * interval '10 minutes', n % 3, n FROM generate_series(0, 1439) n;
      ANALYZE ${name}`);
  };
  const compress = async (name: string, before: string): Promise<void> => {
    await source(`ALTER TABLE ${name} SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor')`);
    await source(
      `SELECT compress_chunk(c) FROM show_chunks('${name}', older_than => '${before}'::timestamptz) c`,
    );
  };

  /** Copied, and compared until nothing hints at a change. */
  const settled = async (settings: { name: string; [key: string]: unknown }): Promise<TestSync> => {
    const sync = await harness.configure({ tables: [{ deletes: 'mirror', ...settings }] });
    await sync.copy();
    expect(await sync.reconcile()).toMatchObject({ state: 'completed', differing: 0 });
    // Between chunks nothing is counted: that is compared each time where what was dropped is to go.
    const always = settings['retention'] === 'mirror' ? 2 : 0;
    const { stretches, skipped } = await sync.reconcile();
    expect(stretches - skipped).toBe(always);
    return sync;
  };
  const quiet = async (sync: TestSync): Promise<void> => {
    const { stretches, skipped } = await sync.reconcile();
    expect(skipped).toBe(stretches);
  };

  test('chunks that are merged, and split again, are no dropped ones', async () => {
    const { rows } = await harness.source.query(`SELECT FROM pg_proc WHERE proname = 'split_chunk'`);
    // TimescaleDB 2.21 and later.
    if (rows.length === 0) return;
    await readings('merged');
    const sync = await settled({ name: 'merged' });
    const chunks = await harness.source.query(
      `SELECT format('%I.%I', chunk_schema, chunk_name) AS name FROM timescaledb_information.chunks
       WHERE hypertable_name = 'merged' ORDER BY range_start LIMIT 2`,
    );
    const [first, second] = chunks.rows.map((row) => row['name'] ?? '');
    await source(`CALL merge_chunks('${first}', '${second}')`);
    await source(`DELETE FROM merged WHERE at >= '2026-01-02 06:00+00' AND at < '2026-01-02 07:00+00'`);
    expect(await sync.reconcile()).toMatchObject({ extra: 6, stillDiffering: 0, dropped: 0 });
    await harness.expectEqual('merged');
    const whole = await harness.source.query(
      `SELECT format('%I.%I', chunk_schema, chunk_name) AS name FROM timescaledb_information.chunks
       WHERE hypertable_name = 'merged' ORDER BY range_start LIMIT 1`,
    );
    await source(`CALL split_chunk('${whole.rows[0]?.['name'] ?? ''}', split_at => '2026-01-02 00:00+00')`);
    await source(`DELETE FROM merged WHERE at >= '2026-01-02 11:00+00' AND at < '2026-01-02 12:00+00'`);
    expect(await sync.reconcile()).toMatchObject({ extra: 6, kept: 0, stillDiffering: 0, dropped: 0 });
    await harness.expectEqual('merged');
  });

  test('only the chunk that changed is compared', async () => {
    await readings('hinted');
    const sync = await settled({ name: 'hinted' });
    await source(`UPDATE hinted SET v = -1 WHERE at = '2026-01-05 10:00:00+00'`);
    expect(await sync.reconcile()).toMatchObject({
      stretches: 10,
      skipped: 9,
      sourceRows: 144,
      different: 1,
      stillDiffering: 0,
    });
    await quiet(sync);
    await source(`INSERT INTO hinted VALUES ('2026-01-07 00:00:01+00', 9, 9)`);
    expect(await sync.reconcile()).toMatchObject({ skipped: 9, missing: 1, stillDiffering: 0 });
    await quiet(sync);
    await source(`DELETE FROM hinted WHERE at = '2026-01-08 10:00:00+00'`);
    expect(await sync.reconcile()).toMatchObject({ skipped: 9, extra: 1, stillDiffering: 0 });
    await harness.expectEqual('hinted');
    await quiet(sync);
    // Nothing hints at what changed at the destination alone.
    await harness.destination.query(`DELETE FROM hinted WHERE sensor = 1`);
    expect(await sync.reconcile()).toMatchObject({ skipped: 10, differing: 0 });
    expect(await sync.reconcile({ depth: 'full' })).toMatchObject({
      skipped: 0,
      missing: 480,
      stillDiffering: 0,
    });
    await harness.expectEqual('hinted');
  });

  test('compressed chunks: late rows, updates, deletes, whole segments, and being compressed', async () => {
    await readings('compressed');
    await compress('compressed', '2026-01-06');
    const sync = await settled({ name: 'compressed' });
    const steps: [string, object][] = [
      [`INSERT INTO compressed VALUES ('2026-01-02 00:00:01+00', 9, 9)`, { missing: 1 }],
      [`UPDATE compressed SET v = -1 WHERE at = '2026-01-03 10:00:00+00'`, { different: 1 }],
      [`DELETE FROM compressed WHERE at = '2026-01-04 10:00:00+00'`, { extra: 1 }],
      // Counts on the compressed relation alone.
      [`DELETE FROM compressed WHERE sensor = 2 AND at >= '2026-01-05' AND at < '2026-01-06'`, { extra: 48 }],
      [
        `SELECT compress_chunk(c) FROM show_chunks('compressed', newer_than => '2026-01-08'::timestamptz, older_than => '2026-01-10'::timestamptz) c`,
        { differing: 0 },
      ],
    ];
    for (const [change, found] of steps) {
      await source(change);
      const compared = await sync.reconcile();
      expect({ change, ...compared }).toMatchObject({ ...found, stillDiffering: 0 });
      expect(compared.skipped).toBeGreaterThanOrEqual(8);
      await harness.expectEqual('compressed');
      await quiet(sync);
    }
  });

  test('dropped chunks: an archive stays one, also where late rows make its chunk anew', async () => {
    await readings('archived');
    const sync = await settled({ name: 'archived' });
    await source(`SELECT drop_chunks('archived', older_than => '2026-01-04'::timestamptz)`);
    expect(await sync.reconcile({ depth: 'full' })).toMatchObject({
      dropped: 3,
      extra: 0,
      differing: 0,
      sourceRows: 1_008,
    });
    expect(await rowsAt('archived')).toBe(1_440);
    await source(
      `INSERT INTO archived VALUES ('2026-01-02 00:00:01+00', 9, 9), ('2026-01-02 00:00:00+00', 0, -1)`,
    );
    expect(await sync.reconcile()).toMatchObject({
      missing: 1,
      different: 1,
      extra: 0,
      kept: 143,
      stillDiffering: 0,
    });
    expect(await rowsAt('archived')).toBe(1_441);
    expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ differing: 0, kept: 143 });
    // Deletes elsewhere are mirrored all the same.
    await source(`DELETE FROM archived WHERE at = '2026-01-05 10:00:00+00'`);
    expect(await sync.reconcile()).toMatchObject({ extra: 1, stillDiffering: 0 });
    expect(await rowsAt('archived')).toBe(1_440);
  });

  test.each(['replace', 'append'])(
    'without a key (%s) a chunk that was made anew is left alone, and said',
    async (mode) => {
      const name = `archived_${mode}`;
      await readings(name);
      const sync = await settled({ name, mode });
      await source(`SELECT drop_chunks('${name}', older_than => '2026-01-04'::timestamptz)`);
      await source(`INSERT INTO ${name} VALUES ('2026-01-02 00:00:01+00', 9, 9)`);
      const compared = await sync.reconcile({ depth: 'full' });
      expect(compared).toMatchObject({ differing: 0, dropped: 3, skipped: 1 });
      expect(compared.warnings.join()).toMatch(/dropped and made anew/);
      expect(await rowsAt(name)).toBe(1_440);
    },
  );

  test('retention: mirror deletes what was dropped, within the limit', async () => {
    await readings('mirrored');
    const sync = await settled({ name: 'mirrored', retention: 'mirror', deleteLimit: 25 });
    await source(`SELECT drop_chunks('mirrored', older_than => '2026-01-02'::timestamptz)`);
    expect(await sync.reconcile()).toMatchObject({ extra: 144, stillDiffering: 0 });
    await harness.expectEqual('mirrored');
    await source(`SELECT drop_chunks('mirrored', older_than => '2026-01-08'::timestamptz)`);
    expect(await sync.reconcile()).toMatchObject({ extra: 864, error: { type: 'DeletesRefused' } });
    expect(await rowsAt('mirrored')).toBe(1_296);
  });

  test('a truncated hypertable empties nothing', async () => {
    await readings('truncated');
    const sync = await settled({ name: 'truncated' });
    await source('TRUNCATE truncated');
    expect(await sync.reconcile({ depth: 'full', allowDeletes: true })).toMatchObject({
      dropped: 10,
      extra: 0,
    });
    expect(await rowsAt('truncated')).toBe(1_440);
  });

  test('new chunks with old ranges, and space partitions', async () => {
    await readings('spaced', `'sensor', 3, chunk_time_interval => interval '1 day'`);
    const sync = await settled({ name: 'spaced' });
    await source(
      `INSERT INTO spaced VALUES ('2025-11-01 00:00:00+00', 1, 1), ('2025-11-01 00:00:00+00', 2, 1)`,
    );
    expect(await sync.reconcile()).toMatchObject({
      stretches: 11,
      skipped: 10,
      missing: 2,
      stillDiffering: 0,
    });
    await source(`UPDATE spaced SET v = -1 WHERE sensor = 2 AND at = '2026-01-01 00:20:00+00'`);
    expect(await sync.reconcile()).toMatchObject({ skipped: 10, different: 1, stillDiffering: 0 });
    await harness.expectEqual('spaced');
  });

  test('pg_stat_reset() is no proof that nothing changed', async () => {
    await readings('reset');
    const sync = await settled({ name: 'reset' });
    await source(`SELECT pg_stat_reset()`);
    expect(await sync.reconcile()).toMatchObject({ skipped: 0, differing: 0 });
  });

  test('a cursor column that is not the time dimension: dropped chunks cannot be told from deletes, so all is kept', async () => {
    await source(
      `CREATE TABLE crossed (at timestamptz NOT NULL, id int NOT NULL, changed timestamptz NOT NULL, PRIMARY KEY (id, at))`,
    );
    await source(`SELECT create_hypertable('crossed', 'at', chunk_time_interval => interval '1 day')`);
    await source(
      `INSERT INTO crossed SELECT '2026-01-01 00:00:00+00'::timestamptz + n * interval '1 hour', n, '2026-02-01 00:00:00+00'::timestamptz + n % 7 * interval '1 hour' FROM generate_series(0, 239) n`,
    );
    const sync = await settled({ name: 'crossed', cursor: 'changed', deleteLimit: 100 });
    await source(`SELECT drop_chunks('crossed', older_than => '2026-01-03'::timestamptz)`);
    await source(`UPDATE crossed SET changed = changed - interval '1 minute' WHERE id = 100`);
    const compared = await sync.reconcile({ depth: 'full' });
    expect(compared).toMatchObject({ extra: 0, kept: 48, stillDiffering: 0 });
    expect(compared.warnings.join()).toMatch(/not the time dimension/);
    expect(await rowsAt('crossed')).toBe(240);
  });

  test('continuous aggregates: buckets refreshed later are found, and history whose raw rows are gone is kept', async () => {
    await readings('raw');
    await source(`CREATE MATERIALIZED VIEW hourly WITH (timescaledb.continuous, timescaledb.materialized_only = true) AS
      SELECT time_bucket('1 hour', at) AS hour, sensor, avg(v) AS v, count(*) AS n FROM raw GROUP BY 1, 2 WITH NO DATA`);
    const refresh = (from: string, to: string) =>
      source(`CALL refresh_continuous_aggregate('hourly', '${from}', '${to}')`);
    await refresh('2026-01-01', '2026-01-11');
    const sync = await settled({ name: 'hourly', cursor: 'hour', key: ['hour', 'sensor'], deletes: 'keep' });
    await source(
      `UPDATE raw SET v = v + 1 WHERE at >= '2026-01-03 05:00:00+00' AND at < '2026-01-03 06:00:00+00'`,
    );
    await refresh('2026-01-03', '2026-01-04');
    expect(await sync.reconcile()).toMatchObject({ different: 3, stillDiffering: 0 });
    await harness.expectEqual('hourly');
    const before = await rowsAt('hourly');
    await source(`SELECT drop_chunks('raw', older_than => '2026-01-05'::timestamptz)`);
    await refresh('2026-01-01', '2026-01-06');
    const after = await sync.reconcile({ depth: 'full' });
    expect(after).toMatchObject({ extra: 0, stillDiffering: 0 });
    expect(await rowsAt('hourly')).toBe(before);
  });
});
