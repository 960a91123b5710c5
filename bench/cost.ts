import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { childId, syncWorkflowId } from '../src/plan/workflow-ids';
import { executionsOf, figuresOf, type HistoryFigures } from '../test/support/history-size';

/** What a run cost beside its time. */
export interface Cost {
  /** Batches that its tables took. */
  batches: number;
  /** Processor time of the worker, in ms; undefined where the system does not tell (Linux does). */
  workerMs: number | undefined;
  /** Of the sync's own workflow. */
  sync: HistoryFigures;
  /** Of its tables' workflows, all together. */
  tables: HistoryFigures;
}

/** Linux counts processor time in these, whatever the machine. */
const TICKS_PER_SECOND = 100;
const AT_ONCE = 8;

/** The processor time that a process has taken so far, in ms, its threads' included. */
export function processorTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before it, in parentheses, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** Reads the histories of a sync's last run. `tables` are those that had a workflow of their own. */
export async function historyCost(
  client: Client,
  sync: string,
  tables: readonly string[],
): Promise<Pick<Cost, 'sync' | 'tables'>> {
  const id = syncWorkflowId(sync);
  const waiting = [...tables];
  const sizes: Awaited<ReturnType<typeof executionsOf>> = [];
  const lane = async (): Promise<void> => {
    for (let table = waiting.shift(); table !== undefined; table = waiting.shift())
      sizes.push(...(await executionsOf(client, childId(id, table))));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return { sync: figuresOf(await executionsOf(client, id)), tables: figuresOf(sizes) };
}

export function describeCost({ batches, workerMs, sync, tables }: Cost): string {
  const each = (total: number): string => (total / Math.max(1, batches)).toFixed(1);
  return [
    `sync: ${inWords(sync)}`,
    ...(tables.executions > 0 ? [`tables: ${inWords(tables)}`] : []),
    `${batches} batches` +
      (batches > 0
        ? `, for each ${each(tables.events)} events and ${each(tables.bytes)} bytes of its table's history`
        : ''),
    `worker ${workerMs === undefined ? 'unknown' : `${workerMs} ms of processor time`}` +
      (workerMs !== undefined && batches > 0 ? `, ${each(workerMs)} ms a batch` : ''),
  ].join('; ');
}

function inWords({ executions, mostEvents, mostBytes, greatestPayload }: HistoryFigures): string {
  return `${executions} executions, at most ${mostEvents} events and ${mostBytes} bytes in one, greatest payload ${greatestPayload} bytes`;
}
