import { readFileSync } from 'node:fs';
import type { Client as TemporalClient } from '@temporalio/client';
import type { Client } from 'pg';
import type { Config } from '../src/config/config';
import type { SyncSummary } from '../src/plan/wire';
import { childId, syncWorkflowId } from '../src/plan/workflow-ids';
import { startSync } from '../src/temporal/start-sync';
import { taskQueueOf } from '../src/temporal/task-queue';
import { readCommitted } from './committed';
import type { Worker } from './environment';

const LOOK_EVERY_MS = 25;

/** Called again and again while a run lasts, with the rows committed so far, by table. */
export type Look = (committed: Map<string, number>) => Promise<void> | void;

export interface Run {
  summary: SyncSummary;
  /** How long each table took. */
  seconds: Map<string, number>;
}

export interface Following {
  temporal: TemporalClient;
  /** A session at the destination. */
  watcher: Client;
  config: Config;
  /** The worker of the moment: the run cannot go on without one. */
  worker: () => Worker;
  look: Look;
}

/** Starts a run of the sync and follows it to its end by the destination's checkpoints, which need no worker to answer. */
export async function runSync({ temporal, watcher, config, worker, look }: Following): Promise<Run> {
  const handle = await startSync(temporal, { sync: config.name }, taskQueueOf(config));
  let ended = false;
  const result = handle.result().finally(() => (ended = true));
  result.catch(() => undefined);
  const hasEnded = (): boolean => ended;
  while (!hasEnded()) {
    refuseDead(worker());
    await look(await readCommitted(watcher));
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  const summary = await result;
  await look(await readCommitted(watcher));
  return { summary, seconds: await readSeconds(temporal, summary) };
}

/** From the start of each table's workflow to its end, as Temporal has them. */
async function readSeconds(
  temporal: TemporalClient,
  { sync, tables }: SyncSummary,
): Promise<Map<string, number>> {
  const times = tables.map(async ({ table }): Promise<[string, number]> => {
    const { startTime, closeTime } = await temporal.workflow
      .getHandle(childId(syncWorkflowId(sync), table))
      .describe();
    return [table, ((closeTime ?? startTime).getTime() - startTime.getTime()) / 1000];
  });
  return new Map(await Promise.all(times));
}

function refuseDead({ ended, logFile }: Worker): void {
  if (ended === undefined) return;
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8);
  throw new Error(`The worker ended by itself (${ended}). The end of its log:\n${lines.join('\n')}`);
}

/** To tenths. */
export function roundSeconds(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
