import { cancellationSignal } from '@temporalio/activity';
import type { Pool } from 'pg';
import { wasCopied } from '../destination/was-copied';
import { type Lanes, lanesWithin } from '../plan/connections';
import { fitsOneRun } from '../plan/run-size';
import type { SyncInput } from '../plan/wire';
import { formatName, parseTableName } from '../postgres/identifiers';
import { withClient } from '../postgres/with-client';
import { listTables } from '../source/list-tables';
import { configuredTables, qualified } from './configured-tables';
import { type Dependencies, resourcesOf } from './dependencies';
import { observeCompleted } from './observe-table';
import { Problem } from './problem';
import { createPulse } from './pulse';

export interface SyncPlan {
  /** The tables to copy, named as in SQL. */
  names: string[];
  lanes: Lanes;
  /** Who is told of the tables' health; a run of a table stalls after so long without a batch. */
  alarms?: { stallMs: number };
  /** How many batches of the sync may be in flight, over all tables. */
  connections?: number;
  /** So many tables at a time are looked at for having nothing new, before each of the others is planned. */
  idleAtOnce?: number;
  /** Of tables that are compared with the source once they are copied: how deeply. */
  reconcile?: Record<string, 'hinted' | 'full'>;
}

/** A look into each takes some ms, so that an activity of this many ends within a second. */
const IDLE_AT_ONCE = 100;

/** Which tables a run copies, and how many of them, and of their intervals, at a time. */
export async function planSync(dependencies: Dependencies, input: SyncInput): Promise<SyncPlan> {
  const planned = await plan(dependencies, input);
  observeCompleted(dependencies, { sync: input.sync, table: '' }, undefined);
  return planned;
}

async function plan(
  dependencies: Dependencies,
  { sync, tables, reconcile: depthForAll }: SyncInput,
): Promise<SyncPlan> {
  const { config, source, destination } = resourcesOf(dependencies, sync);
  const hasGlobs = config.tables.some(({ name }) => name === undefined);
  const pulse = createPulse();
  const existing = hasGlobs ? await pulse.while(withClient(source, cancellationSignal(), listTables)) : [];
  const found = configuredTables(config, existing);
  const configured = found.map(({ name }) => name);
  const names = tables?.map((table) => chosen(table, configured, sync)) ?? configured;
  const connections = Math.min(config.source.maxConnections, config.destination.maxConnections);
  const reconcile = found.flatMap(({ name, config }) => {
    const depth = depthForAll ?? config.reconcile;
    return depth === 'off' || !names.includes(name) ? [] : [[name, depth] as const];
  });
  const compared = new Set(reconcile.map(([name]) => name));
  if (!fitsOneRun(names, (name) => compared.has(name))) throw tooManyTables(sync, names.length);
  const mayBeIdle = await pulse.while(wasCopiedBefore(destination, sync));
  return {
    names: [...new Set(names)],
    lanes: lanesWithin(connections, config.parallelism, names.length),
    connections,
    ...(mayBeIdle && { idleAtOnce: IDLE_AT_ONCE }),
    ...(config.alarms && { alarms: { stallMs: config.alarms.stallMs } }),
    ...(reconcile.length > 0 && { reconcile: Object.fromEntries(reconcile) }),
  };
}

/** A first load is spared the look for tables that have nothing new. A destination that does not answer is for them to tell of. */
async function wasCopiedBefore(destination: Pool, sync: string): Promise<boolean> {
  try {
    return await withClient(destination, cancellationSignal(), (client) => wasCopied(client, sync));
  } catch {
    return true;
  }
}

function tooManyTables(sync: string, tables: number): Problem {
  return new Problem(
    'Configuration',
    `the sync '${sync}' has ${tables} tables, more than one run can carry along`,
    'Divide them among several syncs: a configuration file each, with a name of its own.',
  );
}

function chosen(written: string, configured: string[], sync: string): string {
  const name = formatName(qualified(parseTableName(written)));
  if (configured.includes(name)) return name;
  throw new Problem(
    'Configuration',
    `the sync '${sync}' has no table ${name}`,
    `Its tables are ${configured.slice(0, 20).join(', ') || 'none'}; others are added to the configuration.`,
  );
}
