import { escapeIdentifier } from 'pg';
import { historyText, startSyncHarness, type SyncHarness } from '../support/sync-harness';
import { syncWorkflowId } from '../../src/plan/workflow-ids';
import { CANARY } from './garbage';

/* Sources whose catalog is hostile: names that any SQL built by hand would trip over, and functions that raise values. */

let harness: SyncHarness;
beforeAll(async () => (harness = await startSyncHarness()));
afterAll(() => harness.stop());

const names = [
  ...[
    '"',
    '""',
    '"; DROP SCHEMA tidemark CASCADE; --',
    "'; DROP TABLE x; --",
    "'",
    "''",
    '$$',
    '$1',
    '%s',
    '\\',
    '\\.',
    '\\x00',
  ],
  ...[
    '.',
    'a.b',
    '*',
    '?',
    'public.*',
    ' ',
    ' a ',
    'a b',
    'A',
    'select',
    'tidemark',
    '-- x',
    '/*',
    '*/',
    ';',
    ',',
    '(',
    ')',
    '{}',
    '[1]',
  ],
  ...[
    '\n',
    'a\nb',
    '\t',
    '\r\n',
    '\u001b[31m',
    '\u202e',
    '\u00a0',
    '\u200b',
    'é',
    'e\u0301',
    '💥',
    '🏳️‍🌈',
    '汉字',
    '${HOME}',
    '$${x}',
    '\\N',
    'NULL',
  ],
  ...[
    'x'.repeat(63),
    '💥'.repeat(15) + 'xyz',
    '"'.repeat(63),
    '__proto__',
    'constructor',
    'toString',
    'ctid_',
    'xmin_',
    '0',
    '-1',
  ],
];

it('tables, columns, schemas, types and constraints of any name are copied as they are', async () => {
  const quoted = names.map(escapeIdentifier);
  const labels = names.slice(0, 3).map((label) => `'${label.replaceAll("'", "''")}'`);
  // Three names a table: the first is its schema's, its own, its cursor column's and its type's, the others' columns.
  const tables = Array.from({ length: Math.ceil(quoted.length / 3) }, (_, i) =>
    quoted.slice(i * 3, i * 3 + 3),
  );
  await harness.source.query('CREATE SCHEMA kinds');
  for (const [name = '', ...columns] of tables) {
    await harness.source.query(
      `CREATE SCHEMA ${name};
       CREATE TYPE kinds.${name} AS ENUM (${labels.join(', ')}, 'x');
       CREATE TABLE ${name}.${name} (${name} timestamptz NOT NULL, id int,
         ${columns.map((column) => `${column} kinds.${name} DEFAULT 'x',`).join(' ')}
         CONSTRAINT ${columns[0] ?? 'pk'} PRIMARY KEY (id, ${name}));
       INSERT INTO ${name}.${name} SELECT now() - n * interval '1 minute', n FROM generate_series(1, 3) n`,
    );
    await harness.destination.query(`CREATE SCHEMA ${name}`);
  }
  const written = (name: string): string => name.replaceAll('${', () => '$${');
  const sync = await harness.configure({
    parallelism: { tables: 4, intervals: 1 },
    tables: tables.map(([name = '']) => ({ name: written(`${name}.${name}`), cursor: written(name) })),
  });
  const summary = await sync.run();
  expect(summary.tables.filter(({ state }) => state !== 'completed')).toEqual([]);
  for (const [name = '', ...columns] of tables)
    await harness.expectEqual(
      `${name}.${name}`,
      `${name}.${name}`,
      [name, 'id', ...columns.map((column) => `${column}::text`)].join(', '),
    );
});

it.each([
  ['a column', `COLUMN = NEW.note`],
  ['a constraint', `CONSTRAINT = NEW.note`],
  ['a table', `TABLE = NEW.note`],
  ['a schema and a type', `SCHEMA = NEW.note, DATATYPE = NEW.note`],
  ['a code that is known', `ERRCODE = '23505', CONSTRAINT = NEW.note, COLUMN = NEW.note`],
  ['a code of its own', `ERRCODE = 'HUNTR', MESSAGE = NEW.note, HINT = NEW.note, DETAIL = NEW.note`],
])('a trigger that names %s after a value gives none of it away', async (what, using) => {
  const name = `raised_${what.replaceAll(' ', '_')}`;
  await harness.source.query(
    `CREATE TABLE ${name} (at timestamptz PRIMARY KEY, note text); INSERT INTO ${name} VALUES (now(), '${CANARY}')`,
  );
  await harness.destination.query(
    `CREATE TABLE ${name} (at timestamptz PRIMARY KEY, note text);
     CREATE FUNCTION f_${name}() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION USING ${using.includes('MESSAGE') ? '' : 'MESSAGE = NEW.note, '}${using}; END $$;
     CREATE TRIGGER t BEFORE INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION f_${name}()`,
  );
  const sync = await harness.configure({ tables: [{ name, cursor: 'at' }] });
  const { message } = await sync.fail();
  expect(message).toMatch(/(a function or trigger raised an error|two rows have one key).*\. (Look|Use) /);
  const told = message + (await historyText(harness.client, syncWorkflowId(sync.name), [`public.${name}`]));
  expect(told).not.toContain(CANARY);
  expect(told).not.toContain('HUNTR');
});
