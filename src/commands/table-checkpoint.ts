import type { ClientBase } from 'pg';
import { readIntervals } from '../destination/intervals';
import { readCheckpoint } from '../destination/read-checkpoint';
import type { TableSpec } from '../plan/table-spec';
import { hasCheckpoints } from './has-checkpoints';

/** Where a table stands, by its checkpoint at the destination. */
export interface TableCheckpoint {
  watermark: string | null;
  /** Copied by all runs so far, rows read again included. */
  rows: number;
  /** Planned by the run under way, or by one that was broken off. */
  intervals: number;
  /** Of these, not copied to their end. */
  intervalsUnderWay: number;
  completedAt: string | null;
  /** When all of it was last found equal to its source, or made so. */
  reconciledAt: string | null;
}

/** The checkpoints of these tables, in their order; undefined for a table that was never planned. */
export async function readTableCheckpoint(
  client: ClientBase,
  sync: string,
  tables: string[],
): Promise<((TableCheckpoint & { spec: TableSpec }) | undefined)[]> {
  if (!(await hasCheckpoints(client))) return [];
  const found = [];
  for (const table of tables) {
    const checkpoint = await readCheckpoint(client, { sync, table });
    if (!checkpoint?.spec) {
      found.push(undefined);
      continue;
    }
    const intervals = await readIntervals(client, { sync, table }, checkpoint.spec.cursor.kind);
    found.push({
      watermark: checkpoint.watermark,
      rows: checkpoint.rows + intervals.reduce((sum, { rows }) => sum + rows, 0),
      intervals: intervals.length,
      intervalsUnderWay: intervals.filter(({ position, upper }) => position < upper).length,
      completedAt: checkpoint.completedAt,
      reconciledAt: checkpoint.reconciledAt,
      spec: checkpoint.spec,
    });
  }
  return found;
}
