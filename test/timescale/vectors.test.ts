import * as numbers from '../../prove/values/fuzz-numbers';
import { createTimescaleDatabase, describeNative } from '../support/native-timescale';
import { Random } from '../support/random';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* Vectors, kept as what is asked for. Needs pgvector, which a TimescaleDB for tests has beside it. */

describeNative('vectors', () => {
  let harness: SyncHarness;
  beforeAll(async () => {
    const [source, destination] = [await createTimescaleDatabase(), await createTimescaleDatabase()];
    harness = await startSyncHarness({ source, destination });
    await source.query(
      `CREATE TABLE items (id int PRIMARY KEY, at timestamptz NOT NULL, v vector(3), h halfvec(3), s sparsevec(5), r real[], d float8[], j jsonb, big vector(3000));
       INSERT INTO items SELECT i, '2024-01-01'::timestamptz + i * interval '1 hour', format('[%s,0.1,-1e-7]', i)::vector, format('[%s,0.1,65504]', i)::halfvec,
         format('{1:%s,4:1.5}/5', i + 1)::sparsevec, ARRAY[i, 0.1, 1e20, -1e-7]::real[], ARRAY[i, 0.1, 1e-20], format('[%s, 2]', i)::jsonb, array_fill(i, ARRAY[3000])::vector
         FROM generate_series(0, 99) i;
       INSERT INTO items VALUES (1000, now())`,
    );
  });
  afterAll(() => harness.stop());

  const copy = async (target: string, columns: object, settings: object = {}) =>
    (
      await harness.configure({ tables: [{ name: 'items', cursor: 'at', target, columns, ...settings }] })
    ).copy();
  const types = async (table: string): Promise<Record<string, string | null>> => {
    const { rows } = await harness.destination.query(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0`,
      [table],
    );
    return Object.fromEntries(rows.map(({ name, type }) => [name ?? '', type ?? null]));
  };

  it('stay what they are', async () => {
    await copy('same', {});
    expect(await types('same')).toMatchObject({ v: 'vector(3)', h: 'halfvec(3)', s: 'sparsevec(5)' });
    await harness.expectEqual('items', 'same');
  });

  it.each(['upsert', 'replace', 'append'] as const)('arrive with every digit, mode %s', async (mode) => {
    const random = new Random(7);
    // Money is read through a database cursor; without it the vectors' binary form passes through.
    const tables = { [`binary_${mode}`]: '', [`cursor_${mode}`]: ', m money' };
    const columns =
      'id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), v vector(4), h halfvec(4), s sparsevec(9)';
    const rows = (from: number): string =>
      Array.from({ length: 300 }, (_, index) => {
        const values = [numbers.vector(4), numbers.halfvec(4), numbers.sparsevec(9)].map((fuzz) =>
          fuzz(random),
        );
        return `(${from + index}, '${values.join("', '")}')`;
      }).join();
    for (const [name, more] of Object.entries(tables))
      await harness.source.query(`CREATE TABLE ${name} (${columns}${more});
        INSERT INTO ${name} (id, v, h, s) VALUES ${rows(0)}`);
    const lookback = mode === 'append' ? {} : { lookback: '1 hour' };
    const sync = await harness.configure({
      tables: Object.keys(tables).map((name) => ({ name, cursor: 'at', mode, ...lookback })),
    });
    for (const again of [false, true]) {
      if (again)
        for (const name of Object.keys(tables))
          await harness.source.query(
            `INSERT INTO ${name} (id, v, h, s) VALUES ${rows(300)};
             ${mode === 'append' ? '' : `UPDATE ${name} SET v = n.v, h = n.h, s = n.s FROM ${name} n WHERE n.id = ${name}.id + 300`}`,
          );
      expect(await sync.run()).toMatchObject({ ok: true });
      for (const name of Object.keys(tables)) await harness.expectEqual(name);
    }
    const { rows: plans } = await harness.destination.query(
      `SELECT "table", spec->>'binary' AS binary FROM tidemark.tables WHERE sync = $1 ORDER BY 1`,
      [sync.name],
    );
    expect(plans).toEqual([
      { table: `public.binary_${mode}`, binary: 'true' },
      { table: `public.cursor_${mode}`, binary: 'false' },
    ]);
  });

  it('become arrays of numbers', async () => {
    await copy('arrays', { v: { as: 'real[]' }, h: { as: 'real[]' }, s: { as: 'real[]' } });
    expect(await types('arrays')).toMatchObject({ v: 'real[]', h: 'real[]', s: 'real[]' });
    await harness.expectEqual(
      `(SELECT id, v::real[], h::real[], s::vector::real[] FROM items) i`,
      `(SELECT id, v, h, s FROM arrays) i`,
    );
  });

  it('become JSON arrays', async () => {
    await copy('json', { v: { as: 'jsonb' }, h: { as: 'jsonb' }, s: { as: 'jsonb' }, r: { as: 'jsonb' } });
    expect(await types('json')).toMatchObject({ v: 'jsonb', h: 'jsonb', s: 'jsonb', r: 'jsonb' });
    await harness.expectEqual(
      `(SELECT id, v::text::jsonb, h::text::jsonb, s::vector::text::jsonb, to_jsonb(r) FROM items) i`,
      `(SELECT id, v, h, s, r FROM json) i`,
    );
  });

  it('are made of arrays, of JSON and of each other', async () => {
    await copy('made', {
      r: { as: 'vector(4)' },
      d: { as: 'vector' },
      j: { as: 'halfvec' },
      v: { as: 'halfvec' },
      s: { as: 'vector' },
    });
    expect(await types('made')).toMatchObject({
      r: 'vector(4)',
      d: 'vector',
      j: 'halfvec',
      v: 'halfvec(3)',
      s: 'vector(5)',
    });
    await harness.expectEqual(
      `(SELECT id, r::vector, d::vector, j::text::halfvec, v::halfvec, s::vector FROM items) i`,
      `(SELECT id, r, d, j, v, s FROM made) i`,
    );
  });

  it('are indexed by HNSW once they are there, if that is asked for', async () => {
    const columns = {
      v: { hnsw: 'cosine' },
      h: { hnsw: 'ip' },
      s: { hnsw: 'l2' },
      r: { as: 'vector(4)', hnsw: 'l1' },
      big: { as: 'halfvec', hnsw: 'l2' },
    };
    await copy('indexed', columns);
    const indexes = (): Promise<(string | null | undefined)[]> =>
      harness.destination
        .query(
          `SELECT indexdef FROM pg_indexes WHERE tablename = 'indexed' AND indexdef LIKE '%hnsw%' ORDER BY 1`,
        )
        .then(({ rows }) => rows.map(({ indexdef }) => indexdef?.replace(/.*hnsw /, '')));
    const expected = [
      '(big halfvec_l2_ops)',
      '(h halfvec_ip_ops)',
      '(r vector_l1_ops)',
      '(s sparsevec_l2_ops)',
      '(v vector_cosine_ops)',
    ];
    expect(await indexes()).toEqual(expected);
    await copy('indexed', columns);
    expect(await indexes()).toEqual(expected);
  });

  it.each([
    ['v', { as: 'sparsevec', hnsw: 'far' }, /hnsw: there is no such distance/],
    ['v', { as: 'jsonb', hnsw: 'l2' }, /column v gets no HNSW index, since it is kept as jsonb/],
    [
      'd',
      { as: 'vector', hnsw: 'l2' },
      /column d gets no HNSW index, since its number of dimensions .*vector\(384\)/,
    ],
    ['big', { hnsw: 'l2' }, /3000 dimensions are more than the 2000 .* Keep it as halfvec/],
    ['at', { as: 'vector' }, /column at is timestamp with time zone .* cannot be kept as public.vector/],
    ['id', { as: 'jsonb' }, /column id is integer at the source, which cannot be kept as jsonb/],
    ['nope', { as: 'jsonb' }, /has no column nope/],
  ])('say why %s cannot be %j', async (column, keys, message) => {
    const configure = harness.configure({
      tables: [{ name: 'items', cursor: 'at', target: 'refused', columns: { [column]: keys } }],
    });
    const said = await configure.then((sync) => sync.fail()).catch((error: unknown) => error as Error);
    expect(said.message).toMatch(message);
  });

  it('become JSON or text where pgvector is missing, and cannot be asked to stay', async () => {
    await harness.destination.query('DROP EXTENSION vector CASCADE');
    await copy('without', {});
    expect(await types('without')).toMatchObject({ v: 'jsonb', h: 'jsonb', s: 'text' });
    await harness.expectEqual(
      `(SELECT id, v::text::jsonb, h::text::jsonb, s::text FROM items) i`,
      `(SELECT id, v, h, s FROM without) i`,
    );
    await expect(copy('asked', { v: { as: 'vector' } })).rejects.toThrow(/CREATE EXTENSION vector/);
  });
});
