import type { ClientBase } from 'pg';
import type { WriteMode } from '../../src/plan/table-spec';
import { showInFull } from '../../test/support/multiset';
import { compareTable, type Ends } from './compare';
import { expectLane } from './expect-lane';
import { type FuzzedTable, FuzzedSource, fuzzedTables, lanes, type LaneName } from './tables';
import { prerequisites, prerequisitesOfDestination } from './types';

/** The source's server has preloaded pg_stat_statements. */
export interface RoundsOptions extends Ends {
  /** Of all tables together. */
  rows: number;
  seed: number;
  /** Runs the sync of all tables to its end. @throws when a table failed */
  run: () => Promise<unknown>;
  say?: (line: string) => void;
}

/** What was copied in one mode on one lane, and how many rows were not found alike. */
export interface TableOutcome {
  mode: WriteMode;
  lane: LaneName;
  types: number;
  /** Rows that were made up. */
  rows: number;
  /** Rows of these that were given other values between the two runs. */
  changed: number;
  /** Texts of what differs, at most some for each column. */
  differences: string[];
}

export interface RoundsOutcome {
  tables: TableOutcome[];
  /** Making rows, copying them, comparing them. */
  seconds: { generate: number; copy: number; compare: number };
}

/**
 * Copies fuzzed rows in each write mode on each lane, twice: into new tables, and, once rows were changed and added,
 * over what is there. Compares after each run, and sees to it that each table took its lane.
 */
export async function copyFuzzedRows(options: RoundsOptions): Promise<RoundsOutcome> {
  const { source, destination, run, say = () => undefined } = options;
  const seconds = { generate: 0, copy: 0, compare: 0 };
  const timed = async <T>(what: keyof typeof seconds, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    const taken = (performance.now() - startedAt) / 1000;
    seconds[what] += taken;
    say(`${what} ${taken.toFixed(1)} s`);
    return result;
  };
  const each = async (work: (table: TableOutcome & FuzzedTable) => Promise<unknown>): Promise<void> => {
    for (const table of tables) await work(table);
  };

  await Promise.all([makeHostile(source, atTheSource), makeHostile(destination, atTheDestination)]);
  await source.query(`CREATE EXTENSION pg_stat_statements SCHEMA public; ${prerequisites}`);
  await destination.query(prerequisitesOfDestination);
  const fuzzed = new FuzzedSource(source, Math.ceil(options.rows / fuzzedTables.length), options.seed);
  const tables = fuzzedTables.map((table) => ({
    ...table,
    ...{ types: lanes[table.lane].samples.length, rows: 0, changed: 0, differences: [] as string[] },
  }));
  const copyAndCompare = async (): Promise<void> => {
    await timed('copy', run);
    await timed('compare', () =>
      each(async (table) => {
        await expectLane(source, table);
        const found = await compareTable({ source, destination }, table.name, table.columns);
        table.differences.push(...found.shown);
        if (found.sourceRows !== table.rows)
          throw new Error(`${table.name} has ${found.sourceRows} rows at the source, not ${table.rows}`);
      }),
    );
  };

  await timed('generate', () => each(async (table) => (table.rows += await fuzzed.create(table))));
  await copyAndCompare();
  await timed('generate', () =>
    each(async (table) => {
      table.rows += await fuzzed.grow(table);
      if (table.mode !== 'append') table.changed += await fuzzed.change(table);
    }),
  );
  await copyAndCompare();
  return {
    tables: tables.map(({ mode, lane, types, rows, changed, differences }) => ({
      ...{ mode, lane, types, rows, changed, differences },
    })),
    seconds,
  };
}

/** What sessions of a database begin with. A product that does not pin its own would show and read other values. */
const atTheSource = {
  ...{
    DateStyle: 'SQL, DMY',
    IntervalStyle: 'sql_standard',
    TimeZone: 'Asia/Kathmandu',
    extra_float_digits: '-8',
  },
  ...{ bytea_output: 'escape', xmloption: 'document', quote_all_identifiers: 'on' },
};
const atTheDestination = {
  ...{ DateStyle: 'German, MDY', IntervalStyle: 'iso_8601', TimeZone: 'America/New_York' },
  ...{ xmloption: 'document', array_nulls: 'off', standard_conforming_strings: 'off' },
};

/** The session given keeps to what is shown in full. */
async function makeHostile(client: ClientBase, settings: Record<string, string>): Promise<void> {
  await showInFull(client);
  const sets = Object.entries(settings).map(
    ([name, value]) => `EXECUTE format('ALTER DATABASE %I SET ${name} = ''${value}''', current_database());`,
  );
  await client.query(`DO $$ BEGIN ${sets.join('\n')} END $$`);
}
