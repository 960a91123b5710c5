import { setTimeout as pause } from 'node:timers/promises';
import { buildMutant } from './mutants';
import { mutants } from './mutations';
import { type Arena, startArena } from './arena';
import { Random } from '../test/support/random';
import { createScene } from './scene';
import { keepSyncing, runSync } from './syncing';
import { insertRows, type Table } from './tables';

export interface Skew {
  writers: number;
  rows: number;
  seed: number;
  withHorizon: SkewResult;
  withoutHorizon: SkewResult;
}

export interface SkewResult {
  /** Rows that are at the source and not at the destination. */
  missed: number;
  /** Rows that are there more than once. */
  doubled: number;
  /** Runs of the sync. */
  syncs: number;
  seconds: number;
}

export interface SkewOptions {
  writers: number;
  rows: number;
  seed: number;
  postgresBin?: string;
}

const ROWS_PER_TRANSACTION = 100;
/** A transaction stays open for at most so long after it has taken its time. */
const LONGEST_TRANSACTION_MS = 400;
const TABLE: Table = {
  ...{
    name: 'public.skewed',
    mode: 'append',
    kind: 'timestamptz',
    parts: 'none',
    changes: false,
    newest: false,
  },
  columns: [{ name: 'value', type: 'float8', value: 'n * 0.5' }],
  ...{ rows: 0, ties: 1, batchRows: 50_000 },
};

/**
 * Writers whose transactions overlap and commit in another order than their rows' times, while the sync runs again and
 * again, with no lookback that could hide a loss: by the engine as it is, and by one that reads up to the present.
 */
export async function proveSkew(options: SkewOptions, say: (line: string) => void): Promise<Skew> {
  const mutant = mutants.find(({ name }) => name === 'no-horizon');
  if (!mutant) throw new Error('there is no mutant without the horizon');
  const arena = await startArena(options);
  const { writers, rows, seed } = options;
  const result = async (name: string, dist?: string): Promise<SkewResult> => {
    const found = await skewed(arena, name, options, dist);
    say(
      `${name}: ${found.missed} of ${rows} rows missed, ${found.doubled} doubled, ${found.syncs} syncs, ${Math.round(found.seconds)} s`,
    );
    return found;
  };
  const withHorizon = await result('with_horizon');
  return {
    writers,
    rows,
    seed,
    withHorizon,
    withoutHorizon: await result('without_horizon', buildMutant(mutant)),
  };
}

async function skewed(arena: Arena, name: string, options: SkewOptions, dist?: string): Promise<SkewResult> {
  const began = Date.now();
  const scene = await createScene(arena, { name, tables: [TABLE], dist, lingerMs: 0 });
  try {
    await scene.startWorker();
    const syncing = keepSyncing(scene.client, scene.name);
    const random = new Random(options.seed);
    let next = 1;
    const write = async (chances: Random): Promise<void> => {
      const client = await scene.connect('source');
      while (next <= options.rows) {
        const from = next;
        next += ROWS_PER_TRANSACTION;
        const rows = Math.min(ROWS_PER_TRANSACTION, options.rows - from + 1);
        await client.query('BEGIN');
        await client.query(insertRows(TABLE, { from, rows, at: 'clock_timestamp()' }));
        await pause(chances.between(0, LONGEST_TRANSACTION_MS));
        await client.query('COMMIT');
      }
      await client.end();
    };
    await Promise.all(Array.from({ length: options.writers }, () => write(random.fork())));
    const syncs = (await syncing.stop()).length + 1;
    await pause(LONGEST_TRANSACTION_MS);
    await runSync(scene.client, scene.name);
    const [there] = await scene.query<{ rows: string; ids: string }>(
      'destination',
      `SELECT count(*) AS rows, count(DISTINCT id) AS ids FROM ${TABLE.name}`,
    );
    return {
      missed: options.rows - Number(there?.ids),
      doubled: Number(there?.rows) - Number(there?.ids),
      ...{ syncs, seconds: (Date.now() - began) / 1000 },
    };
  } finally {
    await scene.close();
  }
}
