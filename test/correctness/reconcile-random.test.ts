import { Random } from '../support/random';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* Whatever was inserted, updated and deleted: afterwards both ends are equal. */

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
});
afterAll(() => harness.stop());

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** Ties of five; a fifth of the statements move rows to another place. */
function statements(name: string, random: Random): string {
  const upTo = (most: number): number => random.below(most);
  const at = (): string => `'2026-01-01'::timestamptz + ${upTo(500)} * interval '1 minute'`;
  return Array.from({ length: 60 }, () => {
    const from = upTo(3_000);
    const rows = `WHERE id BETWEEN ${from} AND ${from + upTo(8)}`;
    switch (upTo(5)) {
      case 0:
        return `INSERT INTO ${name} VALUES (${3_000 + upTo(100_000)}, ${at()}, 'new') ON CONFLICT DO NOTHING`;
      case 1:
        return `DELETE FROM ${name} ${rows}`;
      case 2:
        return `UPDATE ${name} SET at = ${at()} ${rows}`;
      case 3:
        return `UPDATE ${name} SET v = CASE WHEN id % 3 = 0 THEN NULL ELSE 'changed' END ${rows}`;
      default:
        return `UPDATE ${name} SET at = at - interval '1 microsecond', v = v || '.' ${rows}`;
    }
  }).join(';');
}

const settings = {
  upsert: { deletes: 'mirror' },
  replace: { mode: 'replace' },
  append: { mode: 'append' },
  cursor_in_key: { key: ['id', 'at'], deletes: 'mirror' },
  newest_of_each: { key: ['id'], deletes: 'mirror' },
};

test.each(Object.entries(settings))('%s', async (name, more) => {
  console.log(`SEED=${seed}`);
  const random = new Random(seed);
  const keyed = name === 'newest_of_each' ? '' : 'PRIMARY KEY';
  await harness.source.query(`
    CREATE TABLE ${name} (id int ${keyed}, at timestamptz NOT NULL, v text);
    CREATE INDEX ON ${name} (at);
    INSERT INTO ${name} SELECT i, '2026-01-01'::timestamptz + (i / 5) * interval '1 minute', 'v' || i FROM generate_series(1, 3000) i;
    ANALYZE ${name}`);
  if (keyed === '')
    await harness.source.query(
      `INSERT INTO ${name} SELECT id, at - interval '90 seconds' * (id % 4), v || 'b' FROM ${name} WHERE id % 2 = 0`,
    );
  const sync = await harness.configure({ tables: [{ name, cursor: 'at', deleteLimit: 100, ...more }] });
  await sync.copy();
  const wanted =
    keyed === ''
      ? `(SELECT DISTINCT ON (id) * FROM ${name} ORDER BY id, at DESC, v COLLATE "C" DESC NULLS LAST) s`
      : name;
  for (let round = 0; round < 2; round++) {
    await harness.source.query(statements(name, random));
    expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ stillDiffering: 0, repaired: true });
    await harness.expectEqual(wanted, name);
    expect(await sync.reconcile({ depth: 'full' })).toMatchObject({ differing: 0, moved: 0 });
  }
});
