import type { Client } from '@temporalio/client';
import { until } from '../test/support/poll';
import type { Arena } from './arena';
import { checkAudit, checkRows } from './checks';
import { checkHistories } from './histories';
import { type Injected, inject } from './inject';
import { type Aim, type FaultKind, planRun } from './plan';
import { Random } from '../test/support/random';
import type { Mode } from './tables';
import { createScene, type Scene } from './scene';
import { keepSyncing, type Outcome, outcomeOf, runSync } from './syncing';
import { healAll, keepWorking, type Theatre } from './theatre';
import { FUTURE_SECONDS, startWriters } from './writers';

/** What a run from a seed came to. `broken` says what was promised and not kept; empty is what is wanted. */
export interface RunResult {
  seed: number;
  broken: string[];
  faults: Injected[];
  rows: number;
  transactions: number;
  batches: number;
  syncs: number;
  failures: number;
  seconds: number;
}

export interface RunOrder {
  seed: number;
  /** The engine to run; the built one unless given. */
  dist?: string | undefined;
  /** Only these faults are aimed at batches. */
  focus?: Aim[] | undefined;
  /** All tables have this write mode. */
  mode?: Mode | undefined;
  /** How many faults; see plan.ts. */
  faults?: number | undefined;
  /** How many times as long as promised a recovery may take: for a machine with other work. */
  patience?: number | undefined;
  /** Instead of all faults the destination is away for so long, in milliseconds. */
  outageMs?: number | undefined;
}

/** What is promised; of a worker's death the heartbeat timeout of a batch, and ten seconds. */
const RECOVERY_MS: Partial<Record<FaultKind, number>> = {
  'worker killed': 20_000,
  'Temporal killed': 30_000,
};
/**
 * Nothing tells a worker of its half-open connection to Temporal but the keep-alive of Temporal's SDK: 30 seconds, and
 * 15 for the answer. A batch that it had before may still be committed meanwhile.
 */
const DEAF_MS = 45_000;
/** Longer than any of them. */
const WATCH_MS = 60_000;
/** After an outage a batch is tried again within a minute; what was written meanwhile is copied then. */
const OUTAGE_END_MS = 600_000;

/** Random tables and writers, faults while syncs run, then quiet, a last sync, and the checks. */
export async function proveRun(
  arena: Arena,
  { seed, dist, focus, mode, faults, patience = 1, outageMs }: RunOrder,
): Promise<RunResult> {
  const began = Date.now();
  const random = new Random(seed);
  const plan = planRun(random, {
    hypertables: arena.hypertables,
    disk: arena.fillDisk !== undefined,
    focus,
    mode,
    faults,
    outageMs,
  });
  const scene = await createScene(arena, { name: `prove_${seed}`, tables: plan.tables, dist });
  const broken: string[] = [];
  const injected: Injected[] = [];
  try {
    // They write before the first plan, too: a run that begins meets transactions that are open.
    const writers = startWriters(arena, scene.name, plan.tables, random);
    await scene.startWorker();
    const syncing = keepSyncing(scene.client, scene.name, outageMs && outageMs + OUTAGE_END_MS);
    const theatre: Theatre = { scene, writers, healers: new Set(), others: [], dropped: new Set() };
    let deafUntil = 0;
    for (const fault of plan.faults) {
      const done = await inject(theatre, fault);
      injected.push(done);
      if (fault.watched) {
        const recoveryMs = await untilRecovered(scene, done, patience);
        if (done.at > deafUntil) {
          done.recoveryMs = recoveryMs;
          broken.push(...checkRecovery(done, recoveryMs, patience));
        }
      }
      if (fault.kind === 'Temporal half open') deafUntil = done.at + DEAF_MS;
    }
    await healAll(theatre);
    await keepWorking(theatre);
    const transactions = await writers.stop();
    const elsewhere = await connectOthers(theatre);
    const outcomes = [...(await syncing.stop()), ...(await endOthers(theatre, elsewhere))];
    await untilPast(scene, FUTURE_SECONDS);
    const last = await runSync(scene.client, scene.name);
    broken.push(...checkLast(last, theatre.dropped));

    const tables = plan.tables.filter(({ name }) => !theatre.dropped.has(name));
    const rows = await checkRows(scene, tables);
    broken.push(...rows.faults, ...(await checkAudit(scene, theatre.dropped)));
    const histories = await checkHistories(
      scene,
      [scene.client, ...elsewhere.values()],
      [...outcomes, last].flatMap(errorsOf),
    );
    for (const { connection } of elsewhere.values()) await connection.close();
    broken.push(...histories.faults);
    const [moves] = await scene.query<{ count: string }>('destination', 'SELECT count(*) FROM audit.moves');
    return {
      ...{ seed, broken, faults: injected, rows: rows.rows, transactions, batches: Number(moves?.count) },
      ...{ syncs: outcomes.length + 1, failures: histories.failures, seconds: (Date.now() - began) / 1000 },
    };
  } finally {
    // What is left of a run that failed may stand in the way; its servers go then, and its own error is what counts.
    await scene
      .close()
      .catch((error: unknown) => broken.push(`nothing could be cleared away: ${String(error)}`));
  }
}

/** Waits until a batch is committed again, and returns how many milliseconds after the fault that was. */
async function untilRecovered(scene: Scene, { at }: Injected, patience: number): Promise<number> {
  // What a batch was about to commit when the fault came does not count.
  const since = Date.now();
  const moved = async () => {
    const sql = `SELECT extract(epoch FROM at) * 1000 AS ms FROM audit.moves WHERE at > to_timestamp(${since / 1000}) ORDER BY n LIMIT 1`;
    return (await scene.query<{ ms: string }>('destination', sql))[0];
  };
  const move = await until(moved, { timeout: WATCH_MS * patience }).catch(() => undefined);
  return (move ? Number(move.ms) : Date.now()) - at;
}

function checkRecovery({ kind }: Injected, recoveryMs: number, patience: number): string[] {
  if (recoveryMs <= (RECOVERY_MS[kind] ?? Infinity) * patience) return [];
  return [`no batch was committed for ${Math.round(recoveryMs)} ms after: ${kind}`];
}

/** A client for each other Temporal, by its address. */
async function connectOthers({ scene, others }: Theatre): Promise<Map<string, Client>> {
  const { arena } = scene;
  const addresses = new Set(others.map(({ address }) => address));
  addresses.delete(arena.temporalAddress);
  const connect = async (address: string) => [address, await arena.client(address)] as const;
  return new Map(await Promise.all([...addresses].map(connect)));
}

async function endOthers({ scene, others }: Theatre, elsewhere: Map<string, Client>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { workflowId, address } of others)
    outcomes.push(await outcomeOf(elsewhere.get(address) ?? scene.client, workflowId));
  return outcomes;
}

/** Until what now lies in the future no longer does. */
async function untilPast({ query }: Scene, seconds: number): Promise<void> {
  const [now] = await query<{ at: string }>('source', 'SELECT clock_timestamp()::text AS at');
  const past = `SELECT 1 WHERE clock_timestamp() > '${now?.at}'::timestamptz + interval '${seconds + 1} seconds'`;
  await until(async () => (await query('source', past)).length > 0, { timeout: 60_000, what: 'the future' });
}

/** The last sync copies every table that is there. */
function checkLast(last: Outcome, dropped: Set<string>): string[] {
  if (!last.summary) return [`the last sync failed: ${last.failure?.message}`];
  return last.summary.tables
    .filter(({ table, state }) => state !== 'completed' && !dropped.has(table))
    .map(({ table, state, error }) => `the last sync left ${table} ${state}: ${error?.message}`);
}

function errorsOf({ summary, failure }: Outcome): string[] {
  const errors = [failure, ...(summary?.tables ?? []).map(({ error }) => error)];
  return errors.flatMap((error) => (error ? [error.message] : []));
}
