import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Arena } from './arena';
import type { Random } from '../test/support/random';
import { type Column, insertRows, present, secondsFromNow, type Table } from './tables';

/** Applications that go on writing to the source while syncs run and servers fail. */
export interface Writers {
  /** Columns that were added since, which new rows fill. */
  added: Map<string, Column[]>;
  /** Ends them, and what they left open; returns how many transactions they committed, as far as they know. */
  stop(): Promise<number>;
}

/** What a writer does with a transaction; those that hold the horizon back, or change rows, more often. */
const habits = [
  'plain',
  'open',
  'open',
  'no xid',
  'prepared',
  'rolled back',
  'late',
  'future',
  'change',
  'change',
] as const;
type Habit = (typeof habits)[number];
const WAIT = 'a while';

const WRITERS = 3;
/** Below the lookback of the configuration by far. */
const LATE_SECONDS = 4;
/** The last of them must have come before the last sync. */
export const FUTURE_SECONDS = 3;
const MOST_TRANSACTIONS_MS = 1_500;
/** Some stay open for longer than it takes from a plan to the batch that reads up to its horizon, also on a busy machine. */
const LONGEST_TRANSACTION_MS = 8_000;
const LONG_ONES = 0.1;

export function startWriters(arena: Arena, database: string, tables: Table[], random: Random): Writers {
  const added = new Map<string, Column[]>();
  const ids = new Map(tables.map((table) => [table.name, table.rows]));
  const stopping = new AbortController();
  let committed = 0;
  const loop = async (number: number, chances: Random): Promise<void> => {
    let client: Client | undefined;
    for (let count = 0; !stopping.signal.aborted; count++) {
      try {
        if (!client) {
          client = await connect(arena, database);
          await endPrepared(client, `${database}_${number}_`);
        }
        await write(client, chances, `${database}_${number}_${count}`);
        committed += 1;
      } catch {
        // The server, or the table, is away for a while: so is its application.
        await client?.end().catch(() => undefined);
        client = undefined;
        await pause(200);
      }
      await pause(chances.between(40, 400));
    }
    await client?.end().catch(() => undefined);
  };

  const write = async (client: Client, chances: Random, transaction: string): Promise<void> => {
    const table = chances.pick(tables);
    const rows = chances.between(1, 12);
    const from = (ids.get(table.name) ?? 0) + 1;
    ids.set(table.name, from + rows - 1);
    const at = present(table);
    const insert = (when = at): string =>
      insertRows(table, { from, rows, at: when, extra: added.get(table.name) ?? [] });
    const clock = table.kind !== 'bigint';
    // On append, which has no lookback, late ones would be lost; it says so.
    const late = clock && table.mode !== 'append';
    const steps: Record<Habit, () => string[]> = {
      plain: () => [insert()],
      open: () => ['BEGIN', insert(), WAIT, 'COMMIT'],
      'no xid': () => ['BEGIN', 'SELECT now()', WAIT, insert(), 'COMMIT'],
      prepared: () => [
        ...['BEGIN', insert(), `PREPARE TRANSACTION '${transaction}'`, WAIT],
        `COMMIT PREPARED '${transaction}'`,
      ],
      'rolled back': () => ['BEGIN', insert(), WAIT, 'ROLLBACK'],
      late: () => [insert(late ? secondsFromNow(table, -chances.between(1, LATE_SECONDS)) : at)],
      future: () => [insert(clock ? secondsFromNow(table, chances.between(1, FUTURE_SECONDS)) : at)],
      change: () => [table.changes ? change(table, chances.between(1, from), rows) : insert()],
    };
    for (const step of steps[chances.pick(habits)]()) {
      if (step === WAIT) await pause(openFor(chances));
      else await client.query(step);
    }
  };

  const loops = Array.from({ length: WRITERS }, (_, number) => loop(number, random.fork()));
  return {
    added,
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      const client = await connect(arena, database);
      await endPrepared(client, database);
      await client.end();
      return committed;
    },
  };
}

function openFor(chances: Random): number {
  return chances.chance(LONG_ONES)
    ? chances.between(MOST_TRANSACTIONS_MS, LONGEST_TRANSACTION_MS)
    : chances.between(50, MOST_TRANSACTIONS_MS);
}

/** Rows that lie in the future are left alone: the change would come before the row. */
function change(table: Table, from: number, rows: number): string {
  const sets = table.columns.map(({ name, value }) => `${name} = ${value.replaceAll(/\bn\b/g, '(id + 1)')}`);
  return `UPDATE ${table.name} SET at = ${present(table)}, ${sets.join(', ')}
    WHERE id BETWEEN ${from} AND ${from + rows - 1} AND at < ${present(table)}`;
}

function connect(arena: Arena, database: string): Promise<Client> {
  return arena.connect('source', database, { application_name: 'a writer', query_timeout: 10_000 });
}

/** Ends what was left prepared when the server went away: an open one holds the horizon back. */
async function endPrepared(client: Client, transactions: string): Promise<void> {
  const { rows } = await client.query<{ gid: string }>(
    `SELECT gid FROM pg_prepared_xacts WHERE database = current_database() AND starts_with(gid, $1)`,
    [transactions],
  );
  for (const { gid } of rows) await client.query(`COMMIT PREPARED '${gid}'`);
}
