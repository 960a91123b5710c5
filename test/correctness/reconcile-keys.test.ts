import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* Rows that change their place, and keys that several rows of the source share. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

const source = (sql: string): Promise<unknown> => harness.source.query(sql);
const destination = async (sql: string) => (await harness.destination.query(sql)).rows;

/** Rows whose cursor value is no part of the key: an updated_at. */
const moving = (name: string): Promise<unknown> =>
  source(`
    CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL, v text);
    INSERT INTO ${name} SELECT i, '2026-01-01'::timestamptz + i * interval '1 minute', 'v' || i FROM generate_series(1, 3000) i;
    ANALYZE ${name}`);

describe.each(['mirror', 'keep', { soft: 'gone' }])('a cursor value that moves, deletes: %j', (deletes) => {
  const name = `moving_${typeof deletes === 'string' ? deletes : 'soft'}`;

  test('above the watermark: it has moved, and is neither gone nor copied yet', async () => {
    await moving(name);
    const sync = await harness.copied({ name, deletes });
    await source(`UPDATE ${name} SET at = 'tomorrow', v = 'later' WHERE id IN (5, 6, 2000)`);
    expect(await sync.reconcile({ repair: false })).toMatchObject({
      moved: 3,
      extra: 0,
      kept: 0,
      differing: 0,
    });
    await source(`UPDATE ${name} SET v = 'changed' WHERE id = 7`);
    expect(await sync.reconcile()).toMatchObject({ moved: 3, different: 1, stillDiffering: 0 });
    expect(await destination(`SELECT count(*) FROM ${name}`)).toEqual([{ count: '3000' }]);
  });

  test('below it, up or down: it is repaired', async () => {
    await source(`
      UPDATE ${name} SET at = '2026-01-02 12:00:30', v = 'up' WHERE id = 10;
      UPDATE ${name} SET at = '2025-12-31 12:00:30', v = 'down' WHERE id = 2900;
      UPDATE ${name} SET at = at - interval '10 seconds', v = 'near' WHERE id = 1500`);
    const sync = await harness.copied({ name, target: `${name}_2`, deletes, start: 'none' });
    await source(`
      UPDATE ${name} SET at = '2026-01-01 12:00:40', v = 'up again' WHERE id = 20;
      UPDATE ${name} SET at = '2025-12-31 12:00:40', v = 'down again' WHERE id IN (2500, 10);
      UPDATE ${name} SET at = at - interval '10 seconds', v = 'near again' WHERE id = 1600`);
    // Within one small interval it is a row that differs, else one that is missing where it went.
    const compared = await sync.reconcile();
    expect(compared).toMatchObject({ extra: 0, stillDiffering: 0 });
    expect(compared.missing + compared.different).toBe(4);
    await harness.expectEqual(
      `(SELECT * FROM ${name} WHERE at < now()) s`,
      `(SELECT id, at, v FROM ${name}_2) d`,
    );
  });
});

test('a row that was marked as gone comes back at an earlier place', async () => {
  await moving('back_earlier');
  const sync = await harness.copied({ name: 'back_earlier', deletes: { soft: 'gone' } });
  await source('DELETE FROM back_earlier WHERE id = 1000');
  expect(await sync.reconcile()).toMatchObject({ extra: 1 });
  await source(`INSERT INTO back_earlier VALUES (1000, '2026-01-01 00:00:30', 'back')`);
  expect(await sync.reconcile()).toMatchObject({ missing: 1, stillDiffering: 0 });
  expect(await destination('SELECT v, gone FROM back_earlier WHERE id = 1000')).toEqual([
    { v: 'back', gone: null },
  ]);
});

describe('a key that is not unique at the source', () => {
  const newest = (name: string) =>
    `(SELECT DISTINCT ON (sensor) sensor, at, v FROM ${name} ORDER BY sensor, at DESC, v DESC) s`;
  const states = (name: string): Promise<unknown> =>
    source(`
      CREATE TABLE ${name} (sensor int NOT NULL, at timestamptz NOT NULL, v text);
      INSERT INTO ${name} SELECT i % 100, '2026-01-01'::timestamptz + i * interval '1 minute', 'v' || i FROM generate_series(1, 3000) i;
      ANALYZE ${name}`);
  const equal = (name: string) => harness.expectEqual(newest(name), `(SELECT sensor, at, v FROM ${name}) d`);

  test('its newest row is what counts: late rows that are older are none of our business', async () => {
    await states('state_late');
    const sync = await harness.copied({ name: 'state_late', key: ['sensor'], deletes: 'mirror' });
    await equal('state_late');
    await source(`
      INSERT INTO state_late VALUES (1, '2026-01-01 00:00:30', 'older'), (2, '2026-01-03 02:01', 'newest'), (200, '2026-01-01 00:00:30', 'new')`);
    const compared = await sync.reconcile();
    expect(compared).toMatchObject({ extra: 0, kept: 0, stillDiffering: 0 });
    expect(compared.missing + compared.different).toBe(2);
    await equal('state_late');
  });

  test.each(['mirror', 'keep', { soft: 'gone' }])(
    'its newest row is deleted: deletes %j',
    async (deletes) => {
      const name = `state_deleted_${typeof deletes === 'string' ? deletes : 'soft'}`;
      await states(name);
      const sync = await harness.copied({ name, key: ['sensor'], deletes });
      // Of 3 the one before stands in another interval, of 4 close by, of 5 nothing is left.
      await source(`
      INSERT INTO ${name} VALUES (4, '2026-01-02 23:59:59', 'close by');
      DELETE FROM ${name} a WHERE sensor IN (3, 4) AND at = (SELECT max(at) FROM ${name} b WHERE b.sensor = a.sensor);
      DELETE FROM ${name} WHERE sensor = 5`);
      const gone = deletes === 'keep' ? { extra: 0, kept: 1 } : { extra: 1, kept: 0 };
      expect(await sync.reconcile()).toMatchObject({ ...gone, stillDiffering: 0 });
      if (deletes === 'mirror') await equal(name);
      else await harness.expectEqual(newest(name), `(SELECT sensor, at, v FROM ${name} WHERE sensor <> 5) d`);
      expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ differing: 0 });
    },
  );

  test('of rows that tie in key and cursor value the same one is chosen at both ends, always', async () => {
    await states('state_tied');
    await source(`
      CREATE TABLE tied (sensor int NOT NULL, at timestamptz NOT NULL, v text);
      INSERT INTO tied SELECT i % 50, '2026-01-01'::timestamptz + (i / 500) * interval '1 hour', md5(i::text) FROM generate_series(1, 3000) i;
      ANALYZE tied`);
    const sync = await harness.copied({ name: 'tied', key: ['sensor', 'at'], deletes: 'mirror' });
    expect(await sync.reconcile({ depth: 'full', repair: false })).toMatchObject({
      differing: 0,
      sourceRows: 301,
    });
    await source(`DELETE FROM tied WHERE v < '2'`);
    expect(await sync.reconcile()).toMatchObject({ stillDiffering: 0 });
  });

  test('rows newer than the watermark, copied by the repair itself, are no difference', async () => {
    await states('state_busy');
    const sync = await harness.copied({ name: 'state_busy', key: ['sensor'] });
    await source(`
      INSERT INTO state_busy SELECT i, now(), 'new' FROM generate_series(0, 99) i WHERE i <> 7;
      UPDATE state_busy SET v = 'changed' WHERE sensor = 7`);
    expect(await sync.reconcile()).toMatchObject({ different: 1, stillDiffering: 0 });
    await equal('state_busy');
  });
});

test('a key whose text is another at the destination tells rows apart all the same', async () => {
  await source(`
    CREATE TABLE keyed (a numeric, b char(5), c real, at timestamptz NOT NULL, v text, PRIMARY KEY (a, b, c));
    INSERT INTO keyed SELECT i + 0.5, 'k' || i, i + 0.1, '2026-01-01'::timestamptz + i * interval '1 minute', 'v' FROM generate_series(1, 500) i`);
  const sync = await harness.copied({
    name: 'keyed',
    deletes: 'mirror',
    types: { a: 'text', b: 'text', c: 'double precision' },
  });
  expect(await sync.reconcile({ repair: false })).toMatchObject({ differing: 0 });
  await source(
    `UPDATE keyed SET v = 'changed' WHERE a = 7.5; UPDATE keyed SET at = 'tomorrow' WHERE a = 8.5; DELETE FROM keyed WHERE a = 9.5`,
  );
  expect(await sync.reconcile()).toMatchObject({
    different: 1,
    extra: 1,
    missing: 0,
    moved: 1,
    stillDiffering: 0,
  });
});

test('NULLs beside the key, and in a key that is none of the source', async () => {
  await source(`
    CREATE TABLE nulls (id int PRIMARY KEY, at timestamptz, v text, w int);
    INSERT INTO nulls SELECT i, CASE WHEN i % 10 > 0 THEN '2026-01-01'::timestamptz + i * interval '1 minute' END, nullif('v' || i % 3, 'v0'), nullif(i % 4, 0) FROM generate_series(1, 500) i`);
  const sync = await harness.copied({ name: 'nulls', deletes: 'mirror' });
  expect(await sync.reconcile({ repair: false })).toMatchObject({ differing: 0, sourceRows: 450 });
  await source(
    `UPDATE nulls SET v = NULL, w = 0 WHERE id = 11; UPDATE nulls SET v = '' WHERE v IS NULL AND id < 20 AND at IS NOT NULL AND id <> 11`,
  );
  const repaired = await sync.reconcile();
  expect(repaired).toMatchObject({ missing: 0, extra: 0, stillDiffering: 0 });
  expect(repaired.different).toBeGreaterThan(2);
  await harness.expectEqual('(SELECT * FROM nulls WHERE at IS NOT NULL) s', 'nulls');
});
