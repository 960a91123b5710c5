import { onTimescale } from './support';

/* Continuous aggregates: as far as they are materialized, complete buckets only. */
onTimescale((scene) => {
  const { run, configure } = scene;
  const equal = (table: string, target?: string): Promise<void> => scene.harness.expectEqual(table, target);

  /** Rows of the last ten days, every ten minutes up to now, and an aggregate by day that is refreshed to the end. */
  async function create(name: string, materializedOnly: boolean): Promise<void> {
    await run(
      `CREATE TABLE ${name}_raw (time timestamptz NOT NULL, sensor int NOT NULL, value float8)`,
      `SELECT create_hypertable('${name}_raw', 'time', chunk_time_interval => interval '1 day')`,
      `INSERT INTO ${name}_raw SELECT now() - n * interval '10 minutes', n % 3, n FROM generate_series(0, 1439) n`,
      `CREATE MATERIALIZED VIEW ${name} WITH (timescaledb.continuous, timescaledb.materialized_only = ${materializedOnly}) AS
         SELECT time_bucket('1 day', time) AS day, sensor, count(*) AS n, sum(value) AS total FROM ${name}_raw GROUP BY 1, 2
         WITH NO DATA`,
    );
  }

  it.each([true, false])('materialized_only = %s: the bucket that is still filled is left', async (only) => {
    const name = `daily_${only}`;
    await create(name, only);
    const sync = await configure({ name, key: ['day', 'sensor'], lookback: '4 days' });
    // Nothing is materialized.
    expect(await sync.copy()).toMatchObject({ rows: 0, horizon: null });
    await run(`CALL refresh_continuous_aggregate('${name}', NULL, now() - interval '3 days')`);
    await sync.copy();
    const complete = (until: string): Promise<void> =>
      equal(`(SELECT * FROM ${name} WHERE day + interval '1 day' <= ${until}) t`, name);
    const [{ end } = {}] = await run(`SELECT (date_trunc('day', now()) - interval '3 days')::text AS end`);
    await complete(`'${end}'::timestamptz`);
    // Up to the last row there is: today's bucket as well.
    await run(`CALL refresh_continuous_aggregate('${name}', NULL, NULL)`);
    await sync.copy();
    await complete(`date_trunc('day', now())`);
    const { rows } = await scene.harness.destination.query(`SELECT count(*) AS n FROM ${name}`);
    expect(Number(rows[0]?.['n'])).toBeGreaterThanOrEqual(27);

    // Refreshed later, within the lookback.
    await run(
      `INSERT INTO ${name}_raw VALUES (now() - interval '2 days', 1, 1000000)`,
      `CALL refresh_continuous_aggregate('${name}', NULL, NULL)`,
    );
    await sync.copy();
    await complete(`date_trunc('day', now())`);

    // The rows go, the buckets stay: at the source, and here.
    await run(`SELECT drop_chunks('${name}_raw', older_than => now() - interval '5 days')`);
    const [raw] = await run(`SELECT min(time) < now() - interval '7 days' AS old FROM ${name}_raw`);
    expect(raw?.['old']).toBe('f');
    await sync.copy();
    await complete(`date_trunc('day', now())`);
  });

  it('by integer time: the bucket beyond its now is left; without a now, what is materialized', async () => {
    for (const withNow of [true, false]) {
      const name = `hundreds_${withNow}`;
      await run(
        `CREATE TABLE ${name}_raw (n bigint NOT NULL, value float8)`,
        `SELECT create_hypertable('${name}_raw', 'n', chunk_time_interval => 1000)`,
        `CREATE FUNCTION ${name}_now() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 5050::bigint'`,
        `SELECT set_integer_now_func('${name}_raw', '${name}_now')`,
        `INSERT INTO ${name}_raw SELECT n, n FROM generate_series(0, 5040) n`,
        `CREATE MATERIALIZED VIEW ${name} WITH (timescaledb.continuous) AS
           SELECT time_bucket(100::bigint, n) AS bucket, sum(value) AS total FROM ${name}_raw GROUP BY 1 WITH NO DATA`,
        `CALL refresh_continuous_aggregate('${name}', NULL, NULL)`,
        // What cannot be called is a now that is not known.
        ...(withNow
          ? []
          : [
              `CREATE OR REPLACE FUNCTION ${name}_now() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT (1 / 0)::bigint'`,
            ]),
      );
      const sync = await configure({ name, key: ['bucket'] });
      const { warnings } = await sync.copy();
      expect(warnings.some((text) => text.includes(`${name}_now`))).toBe(!withNow);
      await equal(`(SELECT * FROM ${name} WHERE bucket < ${withNow ? 5000 : 5001}) t`, name);
    }
  });

  it('by date, and compressed', async () => {
    await run(
      `CREATE TABLE weekly_raw (d date NOT NULL, value float8)`,
      `SELECT create_hypertable('weekly_raw', 'd')`,
      `INSERT INTO weekly_raw SELECT '2025-01-06'::date + n, n FROM generate_series(0, 279) n`,
      `CREATE MATERIALIZED VIEW weekly WITH (timescaledb.continuous) AS
         SELECT time_bucket('7 days', d) AS week, sum(value) AS total FROM weekly_raw GROUP BY 1 WITH NO DATA`,
      `CALL refresh_continuous_aggregate('weekly', NULL, NULL)`,
      `ALTER MATERIALIZED VIEW weekly SET (timescaledb.compress = true)`,
      `SELECT compress_chunk(c) FROM show_chunks('weekly') c`,
    );
    const sync = await configure({ name: 'weekly', mode: 'replace' });
    expect((await sync.copy()).rows).toBeGreaterThanOrEqual(40);
    await equal('weekly');
  });
});
