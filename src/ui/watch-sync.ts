import { History } from './history';
import type { DestinationLook, SourceLook, TemporalLook } from './looks';
import { makeSnapshot, rowsOf, type Situation } from './make-snapshot';
import { Polled } from './polled';
import type { Snapshot } from './snapshot';

/** How a sync is looked at. Each may fail, and the others are shown all the same. */
export interface Looks {
  temporal: () => Promise<TemporalLook>;
  destination: () => Promise<DestinationLook>;
  /** Is given what the destination knows, since only a table that was planned has a cursor column. */
  source: (known: DestinationLook) => Promise<SourceLook>;
  /** The least time between two looks at the source. */
  sourceEveryMs: number;
  describe: (error: unknown) => string;
}

/** Checkpoints and runs move with every batch. */
const EVERY_MS = 1_500;

export interface WatchedSync {
  /** What there is to be seen now. Looks where a look is due; several who ask at once share it. */
  snapshot: () => Promise<Snapshot>;
  /** Ends when no look is under way any more. */
  settled: () => Promise<void>;
}

/** Watches a sync for as long as somebody asks: nothing is looked at in between. */
export function watchSync(
  about: Pick<Situation, 'sync' | 'version' | 'actions' | 'named'>,
  looks: Looks,
): WatchedSync {
  const { describe } = looks;
  const temporal = new Polled(looks.temporal, { everyMs: EVERY_MS, describe });
  const destination = new Polled(looks.destination, { everyMs: EVERY_MS, describe });
  const source = new Polled(
    async () => {
      const { value, message } = await destination.get();
      if (!value) throw new WaitsForDestination(message);
      return looks.source(value);
    },
    {
      everyMs: looks.sourceEveryMs,
      describe: (error) => (error instanceof WaitsForDestination ? error.message : describe(error)),
    },
  );
  const histories = new Map<string, History>();
  return {
    async snapshot() {
      const [runs, checkpoints, rows] = await Promise.all([temporal.get(), destination.get(), source.get()]);
      const historyOf = (table: string): History => {
        const history = histories.get(table) ?? new History();
        histories.set(table, history);
        return history;
      };
      const now = Date.now();
      if (checkpoints.state === 'ok' && checkpoints.value && checkpoints.at !== undefined)
        for (const table of checkpoints.value.tables) {
          const view = runs.state === 'ok' ? runs.value?.views.get(table) : undefined;
          historyOf(table).count(
            checkpoints.at,
            rowsOf(checkpoints.value.checkpoints.get(table)),
            view?.bytes ?? null,
          );
        }
      if (rows.state === 'ok' && rows.at !== undefined)
        for (const [table, { lag }] of rows.value?.tables ?? [])
          if (lag && !('unknown' in lag))
            historyOf(table).noteLag(rows.at, 'ms' in lag ? lag.ms : Number(lag.ticks));
      return makeSnapshot(
        { ...about, temporal: runs, destination: checkpoints, source: rows, histories },
        now,
      );
    },
    async settled() {
      await Promise.all([temporal.settled(), source.settled(), destination.settled()]);
    },
  };
}

class WaitsForDestination extends Error {
  constructor(message: string | undefined) {
    super(
      message === undefined
        ? 'It is asked as soon as the destination has answered.'
        : 'It is not asked: which tables were copied, and by which column, is known from the destination.',
    );
  }
}
