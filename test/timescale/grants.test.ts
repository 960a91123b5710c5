import { uniqueName } from '../support/temporal';
import { hypertable, onNativeTimescale } from './support';

/* A role that may SELECT from what is copied, and nothing more. */
onNativeTimescale((scene) => {
  const role = uniqueName('role').replace('-', '_');
  const sourceUrl = (): string => {
    const url = new URL(scene.harness.source.url);
    url.username = role;
    url.password = 'secret';
    return url.href;
  };

  beforeAll(() => scene.run(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`));
  afterAll(() => scene.run(`DROP OWNED BY ${role}`, `DROP ROLE ${role}`));

  it('reads a hypertable, compressed and not', async () => {
    const rows = `SELECT '2026-01-01'::timestamptz + n * interval '1 minute', n % 3, n FROM generate_series(0, 4999) n`;
    await scene.run(
      ...hypertable('granted', rows, { compress: `range_start < '2026-01-03'` }),
      `GRANT SELECT ON granted TO ${role}`,
    );
    const sync = await scene.configure(
      { name: 'granted', batch: { rows: 400 } },
      { source: { url: sourceUrl() } },
    );
    expect(await sync.copy()).toMatchObject({ rows: 5_000 });
    await scene.harness.expectEqual('granted');
  });

  it.each([true, false])('reads a continuous aggregate, materialized_only %s', async (only) => {
    const name = `summed_${only}`;
    await scene.run(
      `CREATE TABLE ${name}_raw (time timestamptz NOT NULL, value float8)`,
      `SELECT create_hypertable('${name}_raw', 'time')`,
      `INSERT INTO ${name}_raw SELECT '2026-01-01'::timestamptz + n * interval '1 hour', n FROM generate_series(0, 999) n`,
      `CREATE MATERIALIZED VIEW ${name} WITH (timescaledb.continuous, timescaledb.materialized_only = ${only}) AS
         SELECT time_bucket('1 day', time) AS day, sum(value) AS total FROM ${name}_raw GROUP BY 1 WITH NO DATA`,
      `CALL refresh_continuous_aggregate('${name}', NULL, NULL)`,
      `ALTER MATERIALIZED VIEW ${name} SET (timescaledb.compress = true)`,
      `SELECT compress_chunk(c) FROM show_chunks('${name}') c`,
      `GRANT SELECT ON ${name} TO ${role}`,
    );
    const sync = await scene.configure({ name, key: ['day'] }, { source: { url: sourceUrl() } });
    expect(await sync.copy()).toMatchObject({ rows: 42 });
    await scene.harness.expectEqual(name);
  });
});
