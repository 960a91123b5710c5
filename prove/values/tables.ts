import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { writeModes, type WriteMode } from '../../src/plan/table-spec';
import { type FuzzColumns, Rows } from './rows';
import { samples } from './types';

/* A table for each write mode on each way that rows can take. */

/** What puts a table's rows on their lane (src/activities/batch-rows.ts), and what the source sees of it. */
export interface Lane extends FuzzColumns {
  /** The statement by which its rows are read, as LIKE has it. */
  statement: string;
  /** Of CREATE TABLE. */
  storage: string;
}

/** With `toast_tuple_target` rows stay in their page up to so many bytes: what is out of line is read by COPY. */
const IN_LINE = 'WITH (toast_tuple_target = 8160)';
const SHORT = 600;

export const lanes = {
  /** Types alike at both ends: COPY's binary stream, unread. */
  binary_copy: {
    samples: samples.filter(({ binary }) => binary),
    longest: Infinity,
    statement: 'COPY (SELECT %) TO STDOUT (FORMAT binary)',
    storage: '',
  },
  /** Types that differ, rows of a page at most: a database cursor. */
  database_cursor: { samples, longest: SHORT, statement: 'SELECT %', storage: IN_LINE },
  /** Types that differ, values out of line: COPY's text, unread. */
  text_copy: {
    samples,
    longest: Infinity,
    statement: 'COPY (SELECT %) TO STDOUT (FORMAT text)',
    storage: '',
  },
} satisfies Record<string, Lane>;
export type LaneName = keyof typeof lanes;

export interface FuzzedTable {
  /** Without its schema, `public`, at both ends. */
  name: string;
  mode: WriteMode;
  lane: LaneName;
  columns: string[];
}

const laneNames = Object.keys(lanes) as LaneName[];

export const fuzzedTables: FuzzedTable[] = writeModes.flatMap((mode) =>
  laneNames.map((lane) => ({
    name: `${lane}_${mode}`,
    mode,
    lane,
    columns: ['id', 'at', ...lanes[lane].samples.map(({ name }) => name)],
  })),
);

/** Every run reads again so far below the watermark, and finds what was changed there. */
const LOOKBACK_HOURS = 4;

/** As the configuration has it. */
export function configured({ name, mode, lane }: FuzzedTable): object {
  const lookback = mode === 'append' ? {} : { lookback: `${LOOKBACK_HOURS} hours` };
  // What could be alike at both ends is text there once.
  const asText = mode === 'append' && lane === 'database_cursor' ? lanes.binary_copy.samples : [];
  const types = Object.fromEntries(asText.map((sample) => [sample.name, 'text']));
  return { name: `public.${name}`, cursor: 'at', mode, ...lookback, types };
}

/** Fills and changes the tables at the source, always alike for a seed but for the cursor column. */
export class FuzzedSource {
  private readonly rows: Record<LaneName, Rows>;
  private readonly startedAt = Date.now();

  constructor(
    private readonly client: ClientBase,
    private readonly perTable: number,
    seed: number,
  ) {
    const rowsOf = (lane: LaneName, index: number): Rows => new Rows(lanes[lane], seed + index);
    this.rows = Object.fromEntries(laneNames.map((lane, index) => [lane, rowsOf(lane, index)])) as never;
  }

  /** How many rows are there at first; the others come later. */
  private get first(): number {
    return Math.round(this.perTable * 0.9);
  }

  /** The table with its first rows, from ten hours ago to an hour ago. Ties of three. */
  async create(table: FuzzedTable): Promise<number> {
    const { samples: types, storage } = lanes[table.lane];
    const columns = types.map(({ name, type }) => `${name} ${type}`).join(', ');
    await this.client.query(
      `CREATE TABLE public.${table.name} (id integer PRIMARY KEY, at timestamptz NOT NULL, ${columns}) ${storage}`,
    );
    const [from, step] = [this.startedAt - 10 * 3_600_000, (9 * 3_600_000) / this.first];
    await this.copy(table, table.name, [0, this.first], (id) =>
      instant(from + Math.floor(id / 3) * 3 * step),
    );
    return this.first;
  }

  /** The rest of the table's rows, which are of now. */
  async grow(table: FuzzedTable): Promise<number> {
    const now = instant(Date.now());
    await this.copy(table, table.name, [this.first, this.perTable], () => now);
    return this.perTable - this.first;
  }

  /**
   * Gives the last fifth of the first rows other values, within the lookback: to each row in one column, another one
   * from row to row, and to some rows in all.
   */
  async change(table: FuzzedTable): Promise<number> {
    const from = Math.round(this.first * 0.8);
    const columns = lanes[table.lane].samples.map(({ name }) => name);
    await this.client.query(`CREATE TEMP TABLE fresh AS SELECT * FROM public.${table.name} WITH NO DATA`);
    await this.copy(table, 'fresh', [from, this.first], () => '2026-01-01');
    const every = columns.length + 1;
    const sets = columns.map(
      (column, index) =>
        `${column} = CASE WHEN t.id % ${every} IN (${index}, ${columns.length}) THEN fresh.${column} ELSE t.${column} END`,
    );
    const { rowCount } = await this.client.query(
      `UPDATE public.${table.name} t SET ${sets.join(', ')} FROM pg_temp.fresh WHERE fresh.id = t.id`,
    );
    await this.client.query('DROP TABLE pg_temp.fresh');
    return rowCount ?? 0;
  }

  private async copy(
    table: FuzzedTable,
    into: string,
    [from, to]: [number, number],
    at: (id: number) => string,
  ): Promise<void> {
    const schema = into === table.name ? 'public' : 'pg_temp';
    const rows = this.rows[table.lane].between(from, to, at);
    const stream = this.client.query(copyFrom(`COPY ${schema}.${into} FROM STDIN`));
    await pipeline(Readable.from(rows, { objectMode: false }), stream);
  }
}

/** With microseconds of the milliseconds' fraction. */
function instant(milliseconds: number): string {
  const micros = Math.floor((milliseconds % 1) * 1000);
  return new Date(milliseconds).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
}
