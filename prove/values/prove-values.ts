import { startEnvironment } from '../../bench/environment';
import { describeMachine } from '../../bench/machine';
import { version } from '../../src/version';
import { copyFuzzedRows, type RoundsOutcome } from './rounds';
import { configured, fuzzedTables } from './tables';
import { samples } from './types';

export interface ProveValuesOptions {
  /** At least so many, over all write modes and lanes. */
  rows: number;
  /** The same rows come from the same seed. */
  seed: number;
  /** Takes a line on what is going on. */
  report: (line: string) => void;
}

/** What the proof came to. */
export interface ValuesReport extends RoundsOutcome {
  /** No text differs. */
  ok: boolean;
  seed: number;
  /** Made up, copied and compared, each once at least. */
  rows: number;
  /** Of these, given other values and copied again. */
  changed: number;
  types: number;
  differences: number;
  totalSeconds: number;
  version: string;
  machine: ReturnType<typeof describeMachine> & { postgresql: string };
  finishedAt: string;
}

const SYNC = 'values';

/**
 * Copies fuzzed rows of every type in each write mode on each lane, and compares all of them by their text. Brings a
 * PostgreSQL server, a Temporal server and a worker process, all temporary. @throws when a run fails or a table takes
 * another lane than it should; differences of text are in the report
 */
export async function proveValues({ rows, seed, report }: ProveValuesOptions): Promise<ValuesReport> {
  const startedAt = performance.now();
  report(`${rows} rows of ${samples.length} types, seed ${seed}`);
  report('Starting PostgreSQL and Temporal …');
  const environment = await startEnvironment(report, { shared_preload_libraries: 'pg_stat_statements' });
  const worker = await environment.startWorker(SYNC, fuzzedTables.map(configured));
  const [source, destination] = await Promise.all([
    environment.source.connect(),
    environment.destination.connect(),
  ]);
  try {
    const run = (): Promise<number> => worker.sync();
    const outcome = await copyFuzzedRows({ source, destination, rows, seed, run, say: report });
    const differences = sum(outcome.tables.map((table) => table.differences.length));
    return {
      ok: differences === 0,
      seed,
      rows: sum(outcome.tables.map((table) => table.rows)),
      changed: sum(outcome.tables.map(({ changed }) => changed)),
      types: samples.length,
      differences,
      totalSeconds: Math.round((performance.now() - startedAt) / 1000),
      version: version(),
      machine: { ...describeMachine(), postgresql: environment.version },
      finishedAt: new Date().toISOString(),
      ...outcome,
    };
  } finally {
    await Promise.all([source.end(), destination.end(), worker.stop()]);
  }
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
