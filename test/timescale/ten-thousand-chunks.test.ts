import { chooseCuts } from '../../src/activities/choose-cuts';
import { sampleStretches, tableStretches } from '../../src/activities/table-stretches';
import { parseCursorValue } from '../../src/plan/cursor-value';
import { planIntervals } from '../../src/plan/plan-intervals';
import { createPool, SOURCE_APPLICATION } from '../../src/postgres/pool';
import { withClient } from '../../src/postgres/with-client';
import { countOddRows } from '../../src/source/count-odd-rows';
import { describeTable } from '../../src/source/describe-tables';
import { onNativeTimescale } from './support';

/*
 * More chunks than a server of default settings has locks for: a query that looks into all of them fails there. No
 * query of a plan or a batch does.
 */
onNativeTimescale((scene) => {
  const CHUNKS = 10_000;
  const at = (text: string): bigint => parseCursorValue('timestamptz', text);

  beforeAll(async () => {
    await scene.run(
      `CREATE TABLE many (time timestamptz NOT NULL, sensor int NOT NULL, value float8, PRIMARY KEY (sensor, time))`,
      `SELECT create_hypertable('many', 'time', chunk_time_interval => interval '1 hour')`,
      ...Array.from(
        { length: CHUNKS / 500 },
        (
          _,
          part,
        ) => `INSERT INTO many SELECT '2025-01-01 00:05+00'::timestamptz + n * interval '1 hour', n % 3, n
                      FROM generate_series(${part * 500}, ${part * 500 + 499}) n`,
      ),
    );
  });

  it('are planned in at most 2,000 intervals', async () => {
    const pool = createPool(
      { ...scene.harness.source.endpoint, maxConnections: 1 },
      { applicationName: SOURCE_APPLICATION, readOnly: true, idleInTransactionTimeoutMs: 60_000 },
    );
    try {
      await withClient(pool, undefined, async (client) => {
        const table = await describeTable(client, { schema: 'public', name: 'many' });
        if (table === undefined) throw new Error('many is not there');
        expect(table.hypertable).toMatchObject({ chunks: CHUNKS });
        const cursor = { table, column: 'time', kind: 'timestamptz' as const };
        const range = { lower: at('1990-01-01 00:00:00+00'), upper: at('2026-11-01 00:00:00+00') };
        const stretches = await tableStretches(client, table, cursor);
        expect(stretches).toHaveLength(CHUNKS);
        expect(await sampleStretches(client, cursor, range, ['time', 'value'], stretches)).toBe(16);
        const start = at('2025-12-01 00:00:00+00');
        const odd = await countOddRows(
          client,
          { ...cursor, notNull: true },
          { start, horizon: range.upper, stretches },
        );
        expect(odd).toMatchObject({ beforeStart: 334 * 24 });
        const planned = {
          unfinished: [],
          planned: undefined,
          start: range.lower,
          lookback: 0n,
          horizon: range.upper,
        };
        for (const [estimatedRows, most] of [
          [undefined, 65],
          [10_000, 65],
          [1e9, 2_001],
        ] as const) {
          const cuts = await chooseCuts(
            client,
            { ...table, estimatedRows },
            cursor,
            range,
            { batchRows: 50_000, lanes: 2 },
            stretches,
          );
          const intervals = planIntervals({ ...planned, cuts });
          expect(intervals.length).toBeGreaterThan(60);
          expect(intervals.length).toBeLessThanOrEqual(most);
        }
      });
    } finally {
      await pool.end();
    }
  });

  it('are copied', async () => {
    const sync = await scene.configure({ name: 'many', start: '2026-02-01' });
    expect(await sync.copy()).toMatchObject({ odd: { beforeStart: 396 * 24 }, rows: CHUNKS - 396 * 24 });
    await scene.run(`INSERT INTO many VALUES (now(), 1, 1)`);
    expect(await sync.copy()).toMatchObject({ rows: 1 });
    await scene.harness.expectEqual(`(SELECT * FROM many WHERE time >= '2026-02-01 00:00+00') t`, 'many');
  });
});
