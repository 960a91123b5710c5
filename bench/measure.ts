import type { Database } from './database';
import type { Environment, Worker } from './environment';
import { median } from './median';
import type { Table } from './tables';

/** What a case came to. Seconds are medians over the rounds; ratios of those of the same run. */
export interface Result {
  name: string;
  rows: number;
  tidemarkSeconds: number;
  copySeconds?: number;
  upsertSeconds?: number;
  /** Tidemark's time as a multiple of COPY straight in (where that is no way, of COPY with upsert), and of COPY with upsert. */
  ratio?: number;
  upsertRatio?: number;
  /** The most memory (MB) that the worker's process ever had resident. */
  peakMegabytes?: number;
  goal: string;
  met: boolean;
  /** Every round's seconds, in order. */
  all: { tidemark: number[]; copy?: number[]; upsert?: number[] };
}

export interface Bench {
  environment: Environment;
  rounds: number;
  say: (line: string) => void;
}

export interface Case {
  name: string;
  run: (bench: Bench, name: string) => Promise<Result>;
  /** Why it cannot run here, where it cannot. */
  unavailable?: () => string | undefined;
}

export interface Goal {
  goal: string;
  met: (result: Omit<Result, 'met'>) => boolean;
}

/** The ways of a case, each of which sees to it that what it copies is not there yet, and returns its seconds. */
export type Ways = Record<'tidemark' | 'copy' | 'upsert', (round: number) => Promise<number>>;

export interface Measurement {
  rows: number;
  ways: Pick<Ways, 'tidemark'> & Partial<Ways>;
  /** Before each round: what all of its ways are to copy. */
  before?: () => Promise<void>;
  goal: Goal;
  peak: () => number | undefined;
}

/** Takes each way once a round, in another order every time, so that none always has the warm caches. */
export async function measure(
  bench: Bench,
  name: string,
  { rows, ways, before, goal, peak }: Measurement,
): Promise<Result> {
  const all: Result['all'] = { tidemark: [] };
  for (let round = 0; round < bench.rounds; round++) {
    await before?.();
    const entries = Object.entries(ways) as [keyof Ways, Ways[keyof Ways]][];
    for (let turn = 0; turn < entries.length; turn++) {
      const [way, take] = entries[(turn + round) % entries.length] ?? ['tidemark', ways.tidemark];
      const seconds = await take(round);
      (all[way] ??= []).push(seconds);
      bench.say(`${name}: round ${round + 1}, ${way} ${seconds.toFixed(2)} s`);
    }
  }
  const tidemarkSeconds = median(all.tidemark);
  const copySeconds = all.copy && median(all.copy);
  const upsertSeconds = all.upsert && median(all.upsert);
  const beside = copySeconds ?? upsertSeconds;
  const peakMegabytes = peak();
  const result = {
    name,
    rows,
    tidemarkSeconds,
    ...(copySeconds !== undefined && { copySeconds }),
    ...(upsertSeconds !== undefined && { upsertSeconds, upsertRatio: tidemarkSeconds / upsertSeconds }),
    ...(beside !== undefined && { ratio: tidemarkSeconds / beside }),
    ...(peakMegabytes !== undefined && { peakMegabytes }),
    goal: goal.goal,
    all,
  };
  return { ...result, met: goal.met(result) };
}

export function startWorker(
  { environment }: Bench,
  name: string,
  tables: Table[],
  { source, ...settings }: { source?: Database; lookback?: string } = {},
): Promise<Worker> {
  const configured = tables.map((table) => ({ name: table.name, cursor: table.cursor, ...settings }));
  return environment.startWorker(name.replace('/', '-'), configured, source);
}

/** The destination as it was before anything was copied. */
export async function forget(destination: Database, table: Table): Promise<void> {
  await destination.run(`DROP TABLE IF EXISTS ${table.name}; DROP SCHEMA IF EXISTS tidemark CASCADE`);
}

/** Starts from an empty log of changes, so that nobody pays for what another one wrote. */
export async function timed(database: Database, work: () => Promise<number>): Promise<number> {
  await database.run('CHECKPOINT');
  return work();
}

export function comparison({ name, columns }: Table, destination: string) {
  return { source: name, destination, columns };
}
