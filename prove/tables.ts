import type { Random } from '../test/support/random';

export type Mode = 'upsert' | 'replace' | 'append';
export type CursorKind = 'timestamptz' | 'timestamp' | 'bigint';
/** What the source's table is parted into. */
export type Parts = 'none' | 'native' | 'hypertable';

export interface Column {
  name: string;
  type: string;
  /** SQL for its value in the row of the number `n`. */
  value: string;
}

/** A table of random shape. Its columns: `id`, the cursor column `at`, `note` with the canary, and some others. */
export interface Table {
  /** As in SQL, with its schema. */
  name: string;
  mode: Mode;
  kind: CursorKind;
  parts: Parts;
  columns: Column[];
  /** Rows change, which moves their cursor value. */
  changes: boolean;
  /** Several rows of the source have one key, of which the newest is kept: in mode upsert, with the column `sensor`. */
  newest: boolean;
  rows: number;
  /** So many rows share one cursor value. */
  ties: number;
  batchRows: number;
}

/** In every row; must never be seen in a log, a history or an error. */
export const CANARY = 'canary-of-a-row';

/** Beyond `mood`, which has no binary form that both ends share, they all travel through the binary lane. */
const others: readonly Omit<Column, 'name'>[] = [
  { type: 'float8', value: `CASE n % 7 WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN '-Infinity' ELSE n * 0.1 END` },
  { type: 'numeric', value: `(n * 1000003)::numeric / 7 ^ (n % 12)` },
  { type: 'jsonb', value: `jsonb_build_object('n', n, 'list', ARRAY[n, NULL, -n])` },
  { type: 'json', value: `('{"n":  ' || n || ', "n": null}')::json` },
  { type: 'int[]', value: `CASE WHEN n % 5 = 0 THEN '{}' ELSE ARRAY[n, NULL, -n]::int[] END` },
  { type: 'bytea', value: `decode(md5(n::text), 'hex')` },
  { type: 'uuid', value: `md5(n::text)::uuid` },
  { type: 'inet', value: `'10.0.0.0'::inet + n % 65536` },
  { type: 'interval', value: `n * interval '1 day 1.000001 seconds'` },
  {
    type: 'timestamptz',
    value: `'2026-03-29 00:59:59.999999+00'::timestamptz + n * interval '1.000001 second'`,
  },
  { type: 'date', value: `CASE n % 9 WHEN 0 THEN 'infinity'::date ELSE '2000-02-29'::date + n % 10000 END` },
  { type: 'bool', value: `CASE n % 3 WHEN 0 THEN NULL ELSE n % 3 = 1 END` },
  { type: 'int4range', value: `int4range(n % 1000, n % 1000 + 3)` },
  { type: 'point', value: `point(n, -n * 0.5)` },
  { type: 'bit varying', value: `(n % 1024)::bit(10)::bit varying` },
  { type: 'tsvector', value: `to_tsvector('simple', 'row ' || n)` },
  { type: 'real[]', value: `ARRAY(SELECT (n * k * 0.01)::real FROM generate_series(1, 24) k)` },
  { type: 'text', value: `repeat(chr(9731) || E'\\\\\\t\\n"' || n, n % 40)` },
  { type: 'varchar(60)', value: `left(md5(n::text) || md5((n + 1)::text), 1 + n % 60)` },
];
const MOOD: Omit<Column, 'name'> = {
  type: 'mood',
  value: `(CASE n % 2 WHEN 0 THEN 'calm' ELSE 'windy' END)::public.mood`,
};

/** More than the rows of a transaction, or of a tie: which of two rows is the newer one is never left open. */
const SENSORS = 37;
/**
 * Sensors fall silent, and others take their place: an older row over the newest of one that is silent is not put
 * right by a later row. The last ones go on.
 */
const ROWS_OF_A_GENERATION = 5 * SENSORS;
const GENERATIONS = 3;
const SENSOR: Column = {
  name: 'sensor',
  type: 'int',
  value: `n % ${SENSORS} + ${SENSORS} * least(n / ${ROWS_OF_A_GENERATION}, ${GENERATIONS - 1})`,
};

export interface TablesOptions {
  hypertables: boolean;
  /** All have this one; each is there when left out. */
  mode?: Mode | undefined;
}

/** The tables of a run: each write mode, parts of each kind that the source can have, each kind of cursor column in turn. */
export function randomTables(random: Random, { hypertables, mode: only }: TablesOptions): Table[] {
  const shuffled = random.shuffle<Mode>([
    'upsert',
    'replace',
    'append',
    random.pick(['upsert', 'replace', 'append']),
  ]);
  const modes = only === undefined ? shuffled : shuffled.map(() => only);
  const kinds = random.shuffle<CursorKind>(['timestamptz', 'timestamptz', 'timestamp', 'bigint']);
  return modes.map((mode, index) => {
    const kind = kinds[index] ?? 'timestamptz';
    const parts =
      index === 0 ? (hypertables ? 'hypertable' : 'native') : random.pick<Parts>(['none', 'none', 'native']);
    const changes = mode === 'upsert' && parts === 'none' && kind !== 'bigint' && random.chance(0.6);
    const newest = mode === 'upsert' && !changes && random.chance(0.5);
    const chosen = random.shuffle(others).slice(0, random.between(2, 8));
    if (random.chance(0.4)) chosen.push(MOOD);
    return {
      name: `public.t${index}`,
      mode,
      kind,
      parts,
      columns: [
        {
          name: 'note',
          type: 'text',
          value: `'${CANARY}' || repeat(md5(n::text), ${random.pick([1, 2, 60])})`,
        },
        ...(newest ? [SENSOR] : []),
        ...chosen.map((column, number) => ({ name: `c${number}`, ...column })),
      ],
      changes,
      newest,
      rows: random.between(200, 1_000),
      ties: random.pick([1, 1, 3, 17]),
      batchRows: random.pick([40, 100, 250]),
    };
  });
}

/** The key of a table in mode upsert. With parts at the source it takes the cursor column in. */
export function keyOf({ changes, newest }: Table): string {
  if (newest) return 'sensor';
  return changes ? 'id' : 'id, at';
}

/** What of the source the destination is to hold. */
export function wanted({ name, newest }: Table, columns: string): string {
  return newest
    ? `SELECT DISTINCT ON (sensor) ${columns} FROM ${name} ORDER BY sensor, at DESC`
    : `SELECT ${columns} FROM ${name}`;
}

/** Makes it at the source, with its first rows, some of them days old. */
export function createTable(table: Table): string {
  const columns = ['id bigint NOT NULL', `at ${table.kind} NOT NULL DEFAULT ${present(table)}`].concat(
    table.columns.map(({ name, type }) => `${name} ${type === 'mood' ? 'public.mood' : type}`),
    table.mode === 'upsert' && !table.newest ? [`PRIMARY KEY (${keyOf(table)})`] : [],
  );
  const parted = table.parts === 'native' ? ' PARTITION BY RANGE (at)' : '';
  return [
    ...(table.kind === 'bigint' ? [`CREATE SEQUENCE ${table.name}_at`] : []),
    `CREATE TABLE ${table.name} (${columns.join(', ')})${parted}`,
    ...parts(table),
    ...(table.parts === 'hypertable' ? [] : [`CREATE INDEX ON ${table.name} (at)`]),
    insertRows(table, { from: 1, rows: table.rows, at: past(table) }),
    `ANALYZE ${table.name}`,
  ].join(';\n');
}

/** SQL for the present, as the cursor column has it. */
export function present({ name, kind }: Table): string {
  if (kind === 'bigint') return `nextval('${name}_at')`;
  return kind === 'timestamp' ? `(now() AT TIME ZONE 'UTC')` : 'now()';
}

/** SQL for a time from the present. */
export function secondsFromNow({ kind }: Table, seconds: number): string {
  const now = kind === 'timestamp' ? `(clock_timestamp() AT TIME ZONE 'UTC')` : 'clock_timestamp()';
  return `${now} + interval '${seconds} seconds'`;
}

/** SQL that inserts the rows of the numbers from `from` on. */
export function insertRows(
  table: Table,
  { from, rows, at, extra = [] }: { from: number; rows: number; at: string; extra?: Column[] },
): string {
  const columns = [...table.columns, ...extra];
  return `INSERT INTO ${table.name} (id, at, ${columns.map(({ name }) => name).join(', ')})
    SELECT n, ${at}, ${columns.map(({ value }) => value).join(', ')} FROM generate_series(${from}, ${from + rows - 1}) n`;
}

function past(table: Table): string {
  if (table.kind === 'bigint') return present(table);
  return `${present(table)} - interval '3 days' + (n / ${table.ties}) * interval '61.000001 seconds'`;
}

function parts({ name, parts: kind, kind: cursor }: Table): string[] {
  if (kind === 'hypertable') {
    const width = cursor === 'bigint' ? '500' : `interval '1 day'`;
    return [`SELECT public.create_hypertable('${name}', 'at', chunk_time_interval => ${width})`];
  }
  if (kind !== 'native') return [];
  const bound = cursor === 'bigint' ? '500' : `'2026-01-01'`;
  return [
    `CREATE TABLE ${name}_low PARTITION OF ${name} FOR VALUES FROM (MINVALUE) TO (${bound})`,
    `CREATE TABLE ${name}_high PARTITION OF ${name} FOR VALUES FROM (${bound}) TO (MAXVALUE)`,
  ];
}
