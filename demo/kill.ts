import type { Client } from 'pg';
import { hasWorkerSessions, isBatchInFlight, readTransactions, type Transaction } from './committed';
import type { Worker } from './environment';

/** What was committed at the moment of a worker's death, of sensor_data. */
export interface Death {
  at: number;
  batches: number;
  rows: number;
  transactions: Transaction[];
}

/** Part of sensor_data that must be committed before the worker is killed. */
const FROM = 0.3;
/** From here on it is too late to be the middle. */
const TO = 0.9;

/** Whether the worker is in the middle: some batches of sensor_data are committed, and one is under way. */
export async function isInTheMiddle(destination: Client, committedPart: number): Promise<boolean> {
  return committedPart >= FROM && committedPart < TO && (await isBatchInFlight(destination));
}

/** Kills the worker as a crash would, and notes what it leaves. */
export async function killWorker(destination: Client, worker: Worker): Promise<Death> {
  await worker.kill('SIGKILL');
  const at = performance.now();
  while (await hasWorkerSessions(destination)) await new Promise((resolve) => setTimeout(resolve, 10));
  const transactions = await readTransactions(destination);
  const rows = transactions.reduce((sum, transaction) => sum + transaction.rows, 0);
  return { at, batches: transactions.length, rows, transactions };
}

/** How many of the rows that were committed before the death have since been written again: none should. */
export async function countRewritten(destination: Client, death: Death): Promise<number> {
  const now = new Map((await readTransactions(destination)).map(({ xmin, rows }) => [xmin, rows]));
  return death.transactions.reduce((sum, { xmin, rows }) => sum + Math.abs(rows - (now.get(xmin) ?? 0)), 0);
}
