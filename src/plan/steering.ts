import { z } from 'zod';
import type { BatchLimits } from './batch-size';
import type { Lanes } from './connections';
import { tableText as table } from './names';

/** Input of the updates `pause` and `resume` of a `sync` run: one of its tables, or all of them where it is left out. */
export const pauseInputSchema = z.strictObject({ table: table.optional() }).optional();
export type PauseInput = z.infer<typeof pauseInputSchema>;

/** What `pause` and `resume` answer. */
export interface PausedRun {
  /** Whether the whole run is paused. */
  paused: boolean;
  /** Tables that are paused by themselves. */
  tables: string[];
}

/** Input of the updates `skip` and `retry`. The table is named as in SQL, with its schema. */
export const oneTableSchema = z.strictObject({ table });
export type OneTable = z.infer<typeof oneTableSchema>;

/** Input of the update `tune`; what is left out stays as it is. It holds until the run ends. */
export const tuneInputSchema = z
  .strictObject({
    table,
    /** The most rows of a batch. */
    batchRows: z.int().min(1).max(10_000_000).optional(),
    /** About how many bytes a batch may hold. */
    batchBytes: z.int().min(1).optional(),
    /** How many of its intervals are copied at the same time. */
    intervals: z.int().min(1).max(100).optional(),
  })
  .refine(({ batchRows, batchBytes, intervals }) => batchRows ?? batchBytes ?? intervals, {
    error: 'it changes nothing',
  });
export type TuneInput = z.infer<typeof tuneInputSchema>;
export type Tuning = Omit<TuneInput, 'table'>;

/** What the updates of one table answer, once they have taken effect. */
export interface SteeredTable {
  table: string;
  state: string;
  paused: boolean;
  tuning: Tuning;
}

/** What a table's run goes by. It is told all of it each time. */
export interface Steering {
  paused: boolean;
  /** Intervals to copy at the same time. */
  lanes: number;
  /** In place of what the table's plan says. */
  batch?: Partial<BatchLimits>;
}

/** A message to a table's run, which answers by its number as soon as it has taken effect. */
export interface SteeringMessage extends Steering {
  number: number;
  /** Stop here, and leave the rest to another run. */
  skip?: true;
}

/** How many connections of a run are free, when each table under way has so many lanes, and one is kept for each that may yet begin. */
export function spareLanes(connections: number, { tables }: Lanes, underWay: readonly number[]): number {
  const taken = underWay.reduce((sum, lanes) => sum + lanes, 0);
  return Math.max(0, connections - taken - Math.max(0, tables - underWay.length));
}
