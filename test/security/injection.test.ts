import { isPrintedType } from '../../src/plan/printed-type';
import { startSyncHarness, type SyncHarness } from '../support/sync-harness';

/* A source whose names, and one whose server's answers, are made to become SQL at the destination. */

const VALUE = '); DROP TABLE public.canary; --';
/** A name, in quotes, that ends whatever statement it would be written into as it is. */
const hostile = (what: string): string => `"${what}""${VALUE}"`;
const SCHEMA = hostile('schema');
const MOOD = `${SCHEMA}.${hostile('mood')}`;

let harness: SyncHarness;
beforeAll(async () => {
  harness = await startSyncHarness();
  for (const end of [harness.source, harness.destination])
    await end.query(`CREATE SCHEMA ${SCHEMA}; CREATE TYPE ${MOOD} AS ENUM ('calm', '${VALUE}')`);
  await harness.destination.query(`CREATE TABLE canary (alive boolean); INSERT INTO canary VALUES (true)`);
});
afterAll(() => harness.stop());
afterEach(async () => {
  const { rows } = await harness.destination.query(`SELECT * FROM canary`);
  expect(rows).toEqual([{ alive: 't' }]);
});

it('names stay names: of schemas, tables, columns, types and constraints', async () => {
  const table = `${SCHEMA}.${hostile('table')}`;
  await harness.source.query(
    `CREATE TABLE ${table} (${hostile('id')} int, ${hostile('column')} ${MOOD} DEFAULT '${VALUE}', many ${MOOD}[],
       at timestamptz DEFAULT '2024-01-01', CONSTRAINT ${hostile('key')} PRIMARY KEY (${hostile('id')}, at));
     INSERT INTO ${table} (${hostile('id')}) SELECT generate_series(1, 5)`,
  );
  const settings = {
    name: table,
    cursor: 'at',
    partitions: 'native',
    deletes: 'mirror',
    deleteLimit: 100,
    lookback: '9000 days',
  };
  const sync = await harness.configure({ tables: [settings] });
  await sync.copy();
  await harness.expectEqual(table);
  await harness.source.query(
    `ALTER TABLE ${table} ADD COLUMN ${hostile('added')} ${MOOD} DEFAULT 'calm';
     UPDATE ${table} SET many = ARRAY['calm', '${VALUE}']::${MOOD}[] WHERE ${hostile('id')} = 1;
     DELETE FROM ${table} WHERE ${hostile('id')} = 2`,
  );
  await sync.copy();
  expect(await sync.reconcile()).toMatchObject({ state: 'completed', gone: 1, stillDiffering: 0 });
  await harness.expectEqual(table);
  const { rows } = await harness.destination.query(
    `SELECT DISTINCT pg_typeof(${hostile('column')})::text AS type FROM ${table}`,
  );
  expect(rows).toEqual([{ type: MOOD }]);
});

it('all that PostgreSQL prints as a type is taken for one', async () => {
  const { rows } = await harness.source.query(
    `SELECT format_type(oid, NULL) AS type FROM pg_type WHERE typtype <> 'p'
     UNION SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE attrelid = 'pg_class'::regclass
     UNION SELECT format_type('numeric'::regtype, (12 << 16) + 4 + 2) UNION SELECT format_type('numeric[]'::regtype, (12 << 16) + 4 + 2046)
     UNION SELECT format_type('timestamptz[]'::regtype, 3) UNION SELECT format_type('time'::regtype, 0)
     UNION SELECT format_type('varchar[]'::regtype, 20) UNION SELECT format_type('bpchar'::regtype, 5) UNION SELECT format_type('bit'::regtype, 5)
     UNION SELECT format_type('interval'::regtype, (32767 << 16) + 3) UNION SELECT format_type('interval'::regtype, (7176 << 16) + 3)
     UNION SELECT format_type('interval'::regtype, (6 << 16) + 65535)`,
  );
  expect(rows.length).toBeGreaterThan(300);
  expect(rows.filter(({ type }) => !isPrintedType(type ?? ''))).toEqual([]);
  expect(['public.geometry(PointZ,4326)', 'public.vector(384)[]'].every(isPrintedType)).toBe(true);
});

describe('a server that prints types as it likes', () => {
  beforeAll(() =>
    harness.source.query(
      `CREATE TABLE lies (says text);
       ALTER FUNCTION pg_catalog.format_type(oid, integer) RENAME TO honest_type;
       CREATE FUNCTION pg_catalog.format_type(oid, integer) RETURNS text STABLE LANGUAGE sql AS $$
         SELECT CASE WHEN $1 = 'text'::regtype THEN coalesce((SELECT says FROM public.lies), 'text')
                ELSE pg_catalog.honest_type($1, $2) END $$`,
    ),
  );

  it.each([
    'text); DROP TABLE public.canary; --',
    `text DEFAULT pg_terminate_backend(pg_backend_pid())`,
    'text REFERENCES public.canary',
    'text(1); DROP TABLE public.canary; --)',
    '"text"); DROP TABLE public.canary; --"',
    'public.text, more text',
    'text\n);DROP TABLE public.canary;--',
    'text/**/',
    '',
  ])('is refused, and not quoted: %j', async (says) => {
    await harness.source.query(
      `CREATE TABLE IF NOT EXISTS told (id int PRIMARY KEY, at timestamptz NOT NULL, note text); DELETE FROM lies`,
    );
    await harness.source.query(`INSERT INTO lies VALUES ($1)`, [says]);
    const sync = await harness.configure({ tables: [{ name: 'told', cursor: 'at' }] });
    const { type, message } = await sync.fail();
    expect(type).toBe('Configuration');
    expect(message).toMatch(/the type of column note is not a type's name/);
    expect(message).not.toContain('canary');
  });
});

it('nor does a checkpoint become SQL at the source', async () => {
  await harness.source.query(
    `CREATE TABLE kept (id int PRIMARY KEY, at timestamptz NOT NULL); INSERT INTO kept VALUES (1, '2024-01-01')`,
  );
  const sync = await harness.configure({ tables: [{ name: 'kept', cursor: 'at' }] });
  await sync.copy();
  await harness.destination.query(
    `UPDATE tidemark.tables SET spec = jsonb_set(spec, '{columns,0,destinationType}', '"text, pg_sleep(0)"') WHERE sync = $1`,
    [sync.name],
  );
  expect(await sync.reconcile()).toMatchObject({ state: 'failed', error: { type: 'Drift' } });
});
