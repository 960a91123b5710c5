import { hypertable, onTimescale } from './support';

/* What chunks may look like: their dimensions, their edges, none at all. */
onTimescale((scene) => {
  const { run, configure, batchesOf } = scene;
  const equal = (table: string, target?: string): Promise<void> => scene.harness.expectEqual(table, target);

  it('space partitions, compressed in part', async () => {
    await run(
      `CREATE TABLE spaced (time timestamptz NOT NULL, sensor int NOT NULL, value float8, PRIMARY KEY (sensor, time))`,
      `SELECT create_hypertable('spaced', 'time', 'sensor', 3, chunk_time_interval => interval '6 hours')`,
      `INSERT INTO spaced SELECT '2026-01-01'::timestamptz + n * interval '1 minute', n % 10, n FROM generate_series(0, 3999) n`,
      `SELECT set_chunk_time_interval('spaced', interval '4 hours')`,
      `INSERT INTO spaced SELECT '2026-01-04'::timestamptz + n * interval '1 minute', n % 10, n FROM generate_series(0, 999) n`,
      `ALTER TABLE spaced SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor')`,
      `SELECT compress_chunk(c) FROM (SELECT c, row_number() OVER () AS i FROM show_chunks('spaced') c) t WHERE i % 2 = 0`,
    );
    const sync = await configure({ name: 'spaced', batch: { rows: 300 } });
    expect(await sync.copy()).toMatchObject({ rows: 5_000 });
    await equal('spaced');
    expect((await batchesOf('spaced')).most).toBeLessThanOrEqual(450);
  });

  it('integer time: rows beyond its now wait, and the ends of bigint are rows like others', async () => {
    await run(
      `CREATE TABLE clock (now bigint)`,
      `INSERT INTO clock VALUES (1000)`,
      `CREATE FUNCTION clock_now() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT now FROM public.clock'`,
      `CREATE TABLE numbered (n bigint PRIMARY KEY, value float8)`,
      `SELECT create_hypertable('numbered', 'n', chunk_time_interval => 100)`,
      `SELECT set_integer_now_func('numbered', 'clock_now')`,
      `INSERT INTO numbered SELECT n, n FROM generate_series(-300, 1199) n`,
      `INSERT INTO numbered VALUES (-9223372036854775808, 1), (9223372036854775807, 2)`,
      `ALTER TABLE numbered SET (timescaledb.compress)`,
      `SELECT compress_chunk(c) FROM show_chunks('numbered', older_than => 500) c`,
    );
    const sync = await configure({ name: 'numbered', batch: { rows: 90 } });
    expect(await sync.copy()).toMatchObject({ odd: { beyondHorizon: 201 } });
    await equal('(SELECT * FROM numbered WHERE n < 1000) t', 'numbered');
    await run(`UPDATE clock SET now = 1100`);
    expect(await sync.copy()).toMatchObject({ rows: 100 });
    await equal('(SELECT * FROM numbered WHERE n < 1100) t', 'numbered');
  });

  it('integer time without a now, up to the largest number', async () => {
    await run(
      `CREATE TABLE plain_numbers (n smallint PRIMARY KEY, value float8)`,
      `SELECT create_hypertable('plain_numbers', 'n', chunk_time_interval => 5000)`,
      `INSERT INTO plain_numbers SELECT n, n FROM generate_series(-32768, 32767, 10) n`,
      `INSERT INTO plain_numbers VALUES (32767, 0)`,
      `ALTER TABLE plain_numbers SET (timescaledb.compress)`,
      `SELECT compress_chunk(c) FROM show_chunks('plain_numbers') c`,
    );
    const sync = await configure({ name: 'plain_numbers', batch: { rows: 300 } });
    await sync.copy();
    await equal('plain_numbers');
  });

  it.each([
    ['date', '1 day'],
    ['timestamp', '3 hours'],
  ])('%s as time dimension, before and after 1970, far away and infinite', async (type, step) => {
    const name = `by_${type}`;
    await run(
      `CREATE TABLE ${name} (at ${type} NOT NULL, n int NOT NULL, PRIMARY KEY (n, at))`,
      `SELECT create_hypertable('${name}', 'at', chunk_time_interval => interval '7 days')`,
      `INSERT INTO ${name} SELECT '1969-11-27'::${type} + (n / 2) * interval '${step}', n FROM generate_series(0, 299) n`,
      `INSERT INTO ${name} SELECT '2026-01-01'::${type} + (n / 2) * interval '${step}', n FROM generate_series(300, 599) n`,
      `INSERT INTO ${name} VALUES ('4713-01-01 BC', 1000), ('infinity', 1001)`,
      `ALTER TABLE ${name} SET (timescaledb.compress)`,
      `SELECT compress_chunk(c) FROM (SELECT c, row_number() OVER () AS i FROM show_chunks('${name}') c) t WHERE i % 3 < 2`,
    );
    const sync = await configure({ name, start: 'none', batch: { rows: 40 } });
    expect(await sync.copy()).toMatchObject({ odd: { infinite: 1 } });
    await equal(`(SELECT * FROM ${name} WHERE isfinite(at) AND at < now() - interval '2 days') t`, name);
  });

  it('chunks that overlap the range: it begins and ends in the midst of one', async () => {
    const rows = `SELECT date_trunc('day', now()) - interval '3 days' + n * interval '10 minutes', 1, n FROM generate_series(0, 720) n`;
    for (const compress of ['false', 'true']) {
      const name = `edges_${compress}`;
      await run(...hypertable(name, rows, { compress, chunk: '2 days' }));
      const [at] = await run(
        `SELECT (date_trunc('day', now()) - interval '50 hours 5 minutes')::text AS start, now()::text AS now`,
      );
      const sync = await configure({ name, start: String(at?.['start']), batch: { rows: 70 } });
      const { odd, horizon } = await sync.copy();
      expect(odd).toMatchObject({ beforeStart: 132 });
      expect(odd?.beyondHorizon).toBeGreaterThan(100);
      await equal(
        `(SELECT * FROM ${name} WHERE time >= '${at?.['start']}' AND time < '${horizon ?? ''}') t`,
        name,
      );
    }
  });

  it('no chunks, and chunks without rows', async () => {
    await run(
      ...hypertable('never_filled', 'SELECT now(), 1, 1 WHERE false'),
      ...hypertable(
        'emptied',
        `SELECT '2026-01-01'::timestamptz + n * interval '1 hour', 1, n FROM generate_series(0, 99) n`,
        {
          compress: `range_start < '2026-01-03'`,
        },
      ),
      `DELETE FROM emptied`,
    );
    for (const name of ['never_filled', 'emptied']) {
      const sync = await configure({ name });
      expect(await sync.copy()).toMatchObject({ state: 'completed', rows: 0 });
      await run(`INSERT INTO ${name} VALUES (now(), 5, 5)`);
      expect(await sync.copy()).toMatchObject({ rows: 1 });
      await equal(name);
    }
  });

  it.each(['oldest', 'newest'])('the %s intervals first', async (order) => {
    const name = `ordered_${order}`;
    await run(
      ...hypertable(
        name,
        `SELECT '2026-01-01'::timestamptz + n * interval '1 hour', 1, n FROM generate_series(0, 239) n`,
        {
          compress: `range_start < '2026-01-04'`,
        },
      ),
    );
    const begun: string[] = [];
    scene.harness.onMoment = (moment, { interval }) => {
      if (moment === 'before-begin') begun.push(interval.lower);
    };
    const sync = await configure({ name, order }, { parallelism: { intervals: 1 } });
    await sync.copy();
    await equal(name);
    expect(begun.length).toBeGreaterThanOrEqual(10);
    const sorted = [...begun].sort();
    expect(begun).toEqual(order === 'oldest' ? sorted : sorted.reverse());
  });

  it('dropped chunks: kept at the destination in mode replace, or gone with retention: mirror', async () => {
    for (const retention of ['keep', 'mirror']) {
      const name = `dropped_${retention}`;
      const rows = `SELECT date_trunc('day', now()) - interval '6 days' + n * interval '1 hour', 1, n FROM generate_series(0, 119) n`;
      await run(...hypertable(name, rows, { compress: `range_start < now() - interval '4 days'` }));
      const table = { name, mode: 'replace', lookback: '20 days', retention, deleteLimit: 100 };
      const sync = await configure(table);
      await sync.copy();
      await equal(name);
      await run(
        `CREATE TABLE all_of_${name} AS SELECT * FROM ${name}`,
        `SELECT drop_chunks('${name}', older_than => now() - interval '3 days')`,
        `DELETE FROM ${name} WHERE time > date_trunc('day', now()) - interval '12 hours'`,
        `DELETE FROM all_of_${name} WHERE time > date_trunc('day', now()) - interval '12 hours'`,
      );
      const [left] = await run(`SELECT count(*) FROM ${name}`);
      expect(Number(left?.['count'])).toBeGreaterThan(20);
      await sync.copy();
      await equal(retention === 'keep' ? `all_of_${name}` : name, name);
      // Planned anew, from its start.
      await scene.harness.destination.query(
        `UPDATE tidemark.tables SET planned = NULL, watermark = NULL, rewrite_below = planned WHERE sync = '${sync.name}'`,
      );
      await sync.copy();
      await equal(retention === 'keep' ? `all_of_${name}` : name, name);
    }
  });

  it('a plain view over a hypertable', async () => {
    await run(
      ...hypertable(
        'viewed',
        `SELECT '2026-01-01'::timestamptz + n * interval '1 minute', n % 5, n FROM generate_series(0, 4999) n`,
        {
          compress: `range_start < '2026-01-03'`,
        },
      ),
      `CREATE VIEW warm AS SELECT time, sensor, value * 2 AS twice FROM viewed WHERE sensor > 1`,
    );
    const sync = await configure({
      name: 'warm',
      cursor: 'time',
      key: ['sensor', 'time'],
      batch: { rows: 700 },
    });
    expect(await sync.copy()).toMatchObject({ rows: 3_000 });
    await equal('warm');
  });
});
