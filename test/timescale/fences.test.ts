import type { BatchInput } from '../../src/plan/wire';
import { hypertable, onNativeTimescale } from './support';

/* Chunks that change between the look at them and the end of their reading: read again, and counted. */
onNativeTimescale((scene) => {
  const { run, configure } = scene;
  const rows = `SELECT '2026-01-01'::timestamptz + n * interval '1 minute', n % 5, n FROM generate_series(0, 5759) n`;
  /** The chunk of 2 January. */
  const second = (table: string): string =>
    `(SELECT format('%I.%I', chunk_schema, chunk_name)::regclass FROM timescaledb_information.chunks
      WHERE hypertable_name = '${table}' AND range_start = '2026-01-02 00:00+00')`;
  const touches = ({ interval: { position, upper } }: BatchInput): boolean =>
    position < '2026-01-03 00:00:00+00' && upper > '2026-01-02 00:00:00+00';

  /** Does something once, as soon as a batch has looked at the second chunk and before it reads a row. */
  function onceLookedAt(change: () => Promise<unknown>): { times: () => number } {
    let times = 0;
    scene.harness.onMoment = async (moment, batch) => {
      if (moment !== 'before-begin' || !touches(batch)) return;
      times += 1;
      if (times === 1) await change();
    };
    return { times: () => times };
  }

  const changes: [what: string, compressed: boolean, change: (table: string) => Promise<unknown>][] = [
    ['compressed', false, (table) => run(`SELECT compress_chunk(${second(table)})`)],
    ['decompressed', true, (table) => run(`SELECT decompress_chunk(${second(table)})`)],
    [
      'compressed anew',
      true,
      (table) => run(`SELECT decompress_chunk(${second(table)})`, `SELECT compress_chunk(${second(table)})`),
    ],
    ['dropped', true, () => Promise.resolve()],
    ['rewritten', false, async (table) => run(`VACUUM FULL ${await nameOf(table)}`)],
    [
      'reordered',
      false,
      (table) => run(`SELECT reorder_chunk(${second(table)}, '${table}_time_idx'::regclass)`),
    ],
  ];
  async function nameOf(table: string): Promise<string> {
    return String((await run(`SELECT ${second(table)}::text AS name`))[0]?.['name']);
  }

  describe.each(['binary', 'text'])('%s lane', (lane) => {
    it.each(changes)('a chunk that is %s', async (what, compressed, change) => {
      const table = `${what.replace(' ', '_')}_${lane}`;
      await run(...hypertable(table, rows, { compress: String(compressed) }));
      // Such a type comes as text.
      if (lane === 'text')
        await run(
          `DO $$ BEGIN CREATE TYPE mood AS ENUM ('calm'); EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
          `ALTER TABLE ${table} ADD COLUMN mood mood`,
        );
      const { times } = onceLookedAt(
        what === 'dropped'
          ? () => run(`SELECT drop_chunks('${table}', older_than => '2026-01-03'::timestamptz)`)
          : () => change(table),
      );
      const sync = await configure(
        { name: table, mode: 'replace' },
        { parallelism: { intervals: 1 }, defaults: { order: 'newest' } },
      );
      const copied = await sync.copy();
      expect(times()).toBeGreaterThanOrEqual(2);
      expect(copied.fenced).toBeGreaterThanOrEqual(1);
      await scene.harness.expectEqual(table);
    });
  });

  it('a chunk that goes on changing is tried again by Temporal', async () => {
    await run(...hypertable('restless', rows));
    let changes = 0;
    scene.harness.onMoment = async (moment, batch) => {
      if (moment !== 'before-begin' || !touches(batch) || changes > 5) return;
      changes += 1;
      await run(`SELECT ${changes % 2 === 1 ? 'de' : ''}compress_chunk(${second('restless')})`);
    };
    const sync = await configure({ name: 'restless' }, { parallelism: { intervals: 1 } });
    expect(await sync.copy()).toMatchObject({ rows: 5_760, repeated: 1 });
    expect(changes).toBe(6);
    await scene.harness.expectEqual('restless');
  });

  it('a chunk that appears in the range of a batch that rewrites it', async () => {
    await run(...hypertable('appearing', rows));
    const sync = await configure(
      { name: 'appearing', mode: 'replace', lookback: '10 days' },
      { parallelism: { intervals: 1 } },
    );
    await sync.copy();
    // The archive keeps the second day, until rows of it come anew.
    await run(
      `CREATE TABLE came_back AS SELECT * FROM appearing WHERE time >= '2026-01-02' AND time < '2026-01-03'`,
      `SELECT drop_chunks('appearing', older_than => '2026-01-03'::timestamptz, newer_than => '2026-01-02'::timestamptz)`,
      `INSERT INTO appearing VALUES (now(), 1, 1)`,
    );
    await scene.harness.destination.query(
      `UPDATE tidemark.tables SET planned = NULL, watermark = NULL, rewrite_below = planned WHERE sync = '${sync.name}'`,
    );
    onceLookedAt(() => run(`INSERT INTO appearing SELECT * FROM came_back`));
    expect((await sync.copy()).fenced).toBeGreaterThanOrEqual(1);
    await scene.harness.expectEqual('appearing');
  });

  it('chunks compressed, decompressed and dropped all the while', async () => {
    await run(...hypertable('busy', rows, { compress: `range_start < '2026-01-03'` }));
    const session = await scene.harness.source.connect();
    const state = { stopped: false, rounds: 0 };
    const disturbing = (async () => {
      await session.query(`SET timescaledb.compress_truncate_behaviour = 'truncate_or_delete'`);
      while (!state.stopped) {
        for (const action of ['compress', 'decompress'])
          await session
            .query(`SELECT ${action}_chunk(c, true) FROM show_chunks('busy') c ORDER BY random() LIMIT 2`)
            .catch(() => undefined);
        state.rounds += 1;
        if (state.rounds === 8)
          await session.query(`SELECT drop_chunks('busy', older_than => '2026-01-02'::timestamptz)`);
      }
    })();
    try {
      const sync = await configure(
        { name: 'busy', mode: 'replace', retention: 'mirror', batch: { rows: 250 } },
        { parallelism: { intervals: 3 } },
      );
      let fenced = 0;
      for (let load = 0; load < 5 || (state.rounds < 9 && load < 30); load++) {
        fenced += (await sync.copy()).fenced;
        await scene.harness.destination.query(
          `UPDATE tidemark.tables SET planned = NULL, watermark = NULL, rewrite_below = planned WHERE sync = '${sync.name}'`,
        );
      }
      expect(fenced).toBeGreaterThan(0);
      await sync.copy();
    } finally {
      state.stopped = true;
      await disturbing;
      await session.end();
    }
    await scene.harness.expectEqual('busy');
  });
});
