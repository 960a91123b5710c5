import { setTimeout as sleep } from 'node:timers/promises';
import { cancellationSignal } from '@temporalio/activity';
import type { ClientBase } from 'pg';
import { ensureCheckpointSchema } from '../destination/checkpoint-schema';
import { takeTurn } from '../destination/take-turn';
import { type Dependencies, resourcesOf } from './dependencies';
import { createPulse } from './pulse';
import { refuseOutsideHours } from './within-hours';

/** Keeps a sync's reading to its `maxRowsPerSecond`, over all workers. */
export interface Pace {
  rowsPerSecond: number;
  /** Waits until so many rows may be read. For a session between transactions. */
  turn: (writer: ClientBase, rows: number) => Promise<void>;
}

/**
 * The pace of a sync; undefined where it has none. Rows are entered before they are read, and whoever is killed while
 * waiting has entered them all the same: that only makes others wait longer.
 */
export function paceOf(dependencies: Dependencies, sync: string): Pace | undefined {
  const { maxRowsPerSecond: rowsPerSecond } = resourcesOf(dependencies, sync).config.source;
  if (rowsPerSecond === undefined) return undefined;
  return {
    rowsPerSecond,
    turn: async (writer, rows) => {
      // A run that was planned by an earlier version has no ledger yet.
      await ensureCheckpointSchema(writer);
      const waitMs = await takeTurn(writer, sync, rows, rowsPerSecond);
      if (waitMs === 0) return;
      await createPulse().while(sleep(waitMs, undefined, { signal: cancellationSignal() }));
      refuseOutsideHours(dependencies, sync);
    },
  };
}
