import { loadConfig } from '../config/load';
import type { SyncSummary } from '../plan/wire';
import { readProgress } from '../temporal/read-progress';
import { beginSync } from './begin-sync';
import { exitCodes } from './exit-codes';
import type { FollowedRun } from './follow-run';
import { keepLastRun } from './last-run';
import type { OpenTemporal } from './open-temporal';
import { runToEnd } from './run-to-end';
import { sayWhichRun } from './run-under-way';
import { exitCodeOf } from './run-exit-code';
import { say } from './say';
import { printOutcome } from './sync-summary';
import type { SyncOptions } from './sync';
import { configuredName } from './unknown-table';

/**
 * 1. Checks the configuration and connects to both ends, so that what cannot work is said at once.
 * 2. Starts the sync's workflow, or finds the one that is under way, and follows it to its end. Where that one was begun
 *    with some tables, and not all that are asked for, starts another one then.
 */
export async function runSync(options: SyncOptions): Promise<number> {
  const config = await loadConfig(options.config);
  const tables = options.table?.map((table) => configuredName(config, table));
  let ofSome = false;
  const begin = async (temporal: OpenTemporal) => {
    const { run, before } = await beginSync(temporal, config, tables);
    ofSome = before !== undefined && (await wasBegunWithSome(temporal, run));
    if (before)
      sayWhichRun(
        temporal,
        before,
        tables || ofSome ? ' It copies the tables that it was begun with; others are copied afterwards.' : '',
      );
    return run;
  };
  const outcome = await runToEnd<SyncSummary>(config, options, {
    command: 'sync',
    begin,
    read: readProgress,
    isOther: ({ summary }) => summary !== undefined && (tables ? lacks(summary, tables) : ofSome),
  });
  if (outcome === 'interrupted') return exitCodes.interrupted;
  printOutcome(config.name, outcome, options.json ?? false);
  if (!config.temporal) await keepLastRun(config, outcome).catch(sayNotKept);
  return exitCodeOf(outcome);
}

/** As src/temporal/start-sync.ts notes it down; a client of somebody else's may note nothing. */
async function wasBegunWithSome({ client }: OpenTemporal, run: FollowedRun): Promise<boolean> {
  const { memo } = await client.workflow.getHandle(run.workflowId, run.runId).describe();
  return memo?.['tables'] !== undefined;
}

function lacks(summary: SyncSummary, asked: string[]): boolean {
  const copied = summary.tables.map(({ table }) => table);
  return asked.some((table) => !copied.includes(table));
}

/** The run is over, and what came of it stays what it is. */
function sayNotKept(error: NodeJS.ErrnoException): void {
  say(
    `How it ended could not be kept for tidemark status (${error.code ?? error.name}). Is there room in .tidemark/?`,
  );
}
