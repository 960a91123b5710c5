import { hypertable, onTimescale } from './support';

/* Compressed chunks: moved whole, in pieces that hold what a batch should. */
onTimescale((scene) => {
  const { run, configure, batchesOf } = scene;
  const evenly = (rows: number, step: string): string =>
    `SELECT '2026-01-01'::timestamptz + (n / 4) * interval '${step}', n % 4, n FROM generate_series(0, ${rows - 1}) n`;

  it('many pieces of each chunk, none of them much larger than a batch', async () => {
    await run(...hypertable('pieces', evenly(12_000, '1 minute')));
    const sync = await configure({ name: 'pieces', batch: { rows: 500 } });
    const copied = await sync.copy();
    await scene.harness.expectEqual('pieces');
    expect(copied).toMatchObject({ rows: 12_000, fenced: 0 });
    const { batches, most } = await batchesOf('pieces');
    expect(most).toBeLessThanOrEqual(750);
    expect(batches).toBeGreaterThanOrEqual(16);
    expect(batches).toBeLessThanOrEqual(36);
  });

  it('rows that crowd in a minute of a chunk do not make one large batch', async () => {
    await run(
      ...hypertable(
        'crowded',
        `SELECT '2026-01-01'::timestamptz + n * interval '20 minutes', 1, n FROM generate_series(0, 71) n
         UNION ALL SELECT '2026-01-01 22:00'::timestamptz + n * interval '10 ms', 2, n FROM generate_series(0, 5999) n`,
      ),
    );
    const sync = await configure({ name: 'crowded', batch: { rows: 500 } });
    await sync.copy();
    await scene.harness.expectEqual('crowded');
    expect((await batchesOf('crowded')).most).toBeLessThanOrEqual(750);
  });

  it('a sparse chunk before a dense one does not make its pieces too wide', async () => {
    await run(
      ...hypertable(
        'dense',
        `SELECT '2026-01-01'::timestamptz + n * interval '2 minutes', 1, n FROM generate_series(0, 719) n
         UNION ALL SELECT '2026-01-02'::timestamptz + n * interval '5 seconds', 2, n FROM generate_series(0, 9999) n`,
      ),
    );
    // So few rows are estimated for it that all of its chunks are one interval.
    const sync = await configure({ name: 'dense', batch: { rows: 300 } });
    await sync.copy();
    await scene.harness.expectEqual('dense');
    expect((await batchesOf('dense')).most).toBeLessThanOrEqual(450);
  });

  it('rows inserted into a compressed chunk are read with those that were there', async () => {
    await run(
      ...hypertable('partial', evenly(4_000, '1 minute')),
      `INSERT INTO partial SELECT '2026-01-01 00:00:30'::timestamptz + n * interval '1 minute', 9, -n FROM generate_series(0, 900) n`,
      `INSERT INTO partial VALUES ('2026-01-01 00:00:00', 7, NULL)`,
    );
    const sync = await configure({ name: 'partial', batch: { rows: 700 } });
    await sync.copy();
    await scene.harness.expectEqual('partial');
  });

  it('compressed and other chunks in turn, gaps between them', async () => {
    await run(
      ...hypertable(
        'mixed',
        `SELECT '2026-01-01'::timestamptz + (n / 500) * interval '48 hours' + (n % 500) * interval '1 minute', n % 3, n
         FROM generate_series(0, 5999) n`,
        { compress: 'extract(day FROM range_start)::int % 4 = 1' },
      ),
    );
    const [chunks] = await run(
      `SELECT count(*) FILTER (WHERE is_compressed) AS compressed, count(*) AS all FROM timescaledb_information.chunks WHERE hypertable_name = 'mixed'`,
    );
    expect(Number(chunks?.compressed)).toBeGreaterThan(2);
    expect(Number(chunks?.compressed)).toBeLessThan(Number(chunks?.all));
    const sync = await configure({ name: 'mixed', mode: 'replace', batch: { rows: 400 } });
    await sync.copy();
    await scene.harness.expectEqual('mixed');
  });

  it('many small chunks go together, by how many rows they hold', async () => {
    const chunks = scene.native ? 1_000 : 200;
    await run(...hypertable('small', evenly(chunks * 4, '2 hours'), { chunk: '1 hour' }));
    const sync = await configure({ name: 'small' });
    const copied = await sync.copy();
    await scene.harness.expectEqual('small');
    expect(copied.batches).toBeLessThanOrEqual(70);
  });

  it('a value that more rows share than a batch should hold stays in one batch', async () => {
    await run(
      ...hypertable(
        'tied',
        `SELECT '2026-01-01 12:00'::timestamptz, n, n FROM generate_series(1, 2000) n
        UNION ALL SELECT '2026-01-01'::timestamptz + n * interval '1 minute', -1, n FROM generate_series(0, 600) n`,
      ),
    );
    const sync = await configure({ name: 'tied', batch: { rows: 200 } });
    await sync.copy();
    await scene.harness.expectEqual('tied');
    expect((await batchesOf('tied')).most).toBeLessThanOrEqual(2_300);
  });

  it('a cursor column that is not the time dimension, and has NULLs', async () => {
    for (const compress of ['false', 'true']) {
      const name = `created_${compress}`;
      await run(
        `CREATE TABLE ${name} (time timestamptz NOT NULL, sensor int NOT NULL, created_at timestamptz, PRIMARY KEY (sensor, time))`,
        `SELECT create_hypertable('${name}', 'time', chunk_time_interval => interval '1 day')`,
        `CREATE INDEX ON ${name} (created_at)`,
        `INSERT INTO ${name} SELECT '2026-01-01'::timestamptz + n * interval '1 minute', n % 3,
           '2026-02-01'::timestamptz + (n * 7 % 5000) * interval '1 minute' FROM generate_series(0, 4999) n`,
        `ALTER TABLE ${name} SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor')`,
        `SELECT compress_chunk(c) FROM show_chunks('${name}') c WHERE ${compress}`,
      );
      const sync = await configure({ name, cursor: 'created_at', batch: { rows: 800 } });
      await sync.copy();
      await scene.harness.expectEqual(name);
      expect((await batchesOf(name)).most).toBeLessThanOrEqual(1_200);
      await run(
        `INSERT INTO ${name} VALUES ('2026-01-02 00:00:00.5', 1, now()), ('2026-01-03 00:00:00.5', 1, NULL)`,
      );
      expect(await sync.copy()).toMatchObject({ rows: 1, odd: { nullCursor: 1 } });
      await scene.harness.expectEqual(`(SELECT * FROM ${name} WHERE created_at IS NOT NULL) t`, name);
    }
  });
});
