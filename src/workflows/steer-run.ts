import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import {
  oneTableSchema,
  pauseInputSchema,
  type PauseInput,
  type SteeredTable,
  type TuneInput,
  tuneInputSchema,
} from '../plan/steering';
import type { TableState } from '../plan/wire';
import { pauseUpdate, resumeUpdate, retryUpdate, skipUpdate, tuneUpdate } from './messages';
import { parseInput } from './parse-input';
import type { SteeredTables } from './steered-tables';

/** What steering needs of the run. */
export interface SteeredRun {
  steered: SteeredTables;
  /** Undefined: the run has no such table, or is still being planned. */
  stateOf: (table: string) => TableState | undefined;
  /** Takes a table that waits off the list. */
  drop: (table: string) => void;
  /** Stops a comparison. */
  stopComparing: (table: string) => void;
  /** Has a table wait, as if it had not been begun, and begins it if a lane is free. */
  putBack: (table: string) => void;
}

const ONE_TABLE = 'Give {"table": "schema.table"}.';
const TUNING = 'Give {"table": "schema.table"}, with "batchRows", "batchBytes" or "intervals".';
const ENDED: readonly TableState[] = ['completed', 'skipped', 'failed', 'cancelled'];

/** Answers the updates of a `sync` run. What cannot be done in the state that a table is in is refused: `NotNow`. */
export function steerRun(run: SteeredRun): void {
  const { steered, stateOf } = run;
  const answer = (table: string): SteeredTable => ({
    table,
    state: stateOf(table) ?? 'waiting',
    paused: steered.isPaused(table),
    tuning: steered.tuningOf(table),
  });
  const known = (table: string): TableState => {
    const state = stateOf(table);
    if (state === undefined) throw notNow(`the run has no table ${table}, or is still being planned`);
    return state;
  };
  const goesOn = (table: string): void => {
    const state = known(table);
    if (ENDED.includes(state)) throw notNow(`${table} has ended in this run (${state})`);
  };

  const checkPause = (input?: PauseInput): void => {
    const { table } = parseInput(pauseInputSchema, input, ONE_TABLE) ?? {};
    if (table !== undefined) goesOn(table);
  };
  setHandler(pauseUpdate, (input?: PauseInput) => steered.setPaused(true, input?.table), {
    validator: checkPause,
  });
  setHandler(resumeUpdate, (input?: PauseInput) => steered.setPaused(false, input?.table), {
    validator: (input?: PauseInput) => {
      checkPause(input);
      if (input?.table !== undefined && steered.asked.paused)
        throw notNow('the whole run is paused: resume it without a table');
    },
  });

  setHandler(
    skipUpdate,
    async ({ table }) => {
      const state = stateOf(table);
      if (state === 'waiting') run.drop(table);
      else if (state === 'comparing') run.stopComparing(table);
      else await steered.skip(table);
      await condition(() => ENDED.includes(known(table)));
      return answer(table);
    },
    { validator: (input) => goesOn(parseInput(oneTableSchema, input, ONE_TABLE).table) },
  );

  setHandler(
    retryUpdate,
    ({ table }) => {
      run.putBack(table);
      return answer(table);
    },
    {
      validator: (input) => {
        const { table } = parseInput(oneTableSchema, input, ONE_TABLE);
        const state = known(table);
        if (!ENDED.includes(state) || state === 'completed')
          throw notNow(`${table} neither failed nor was skipped in this run: it is ${state}`);
      },
    },
  );

  setHandler(
    tuneUpdate,
    async (input: TuneInput) => {
      await steered.tune(input);
      return answer(input.table);
    },
    {
      validator: (input) => {
        const { table, intervals = 1 } = parseInput(tuneInputSchema, input, TUNING);
        goesOn(table);
        const most = steered.mostLanes(table);
        if (intervals > most)
          throw notNow(
            `${table} can have at most ${most} intervals at once now: maxConnections bounds all tables of the sync together`,
          );
      },
    },
  );
}

function notNow(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: 'NotNow', message, nonRetryable: true });
}
