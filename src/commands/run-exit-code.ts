import type { RunOutcome } from '../temporal/run-outcome';
import { exitCodes, type FailureKind } from './exit-codes';
import { kindOfFailure } from './failure-kind';

/** What every run's summary has. */
interface Tables {
  tables: { state: string; error?: { type: string } }[];
}

/**
 * The exit code of a run. Where every failure is of one kind that has a code of its own, and no table came through,
 * that one; drift and differences also where other tables came through.
 */
export function exitCodeOf({ summary, failure }: RunOutcome<Tables>): number {
  if (!failure) return exitCodes.ok;
  const failed = summary?.tables.filter(({ state }) => state === 'failed') ?? [];
  const types = failed.length > 0 ? failed.map(({ error }) => error?.type ?? '') : [failure.type];
  const kinds = new Set<FailureKind>(types.map((type) => kindOfFailure(type) ?? 'partialFailure'));
  const [only] = kinds;
  if (kinds.size !== 1 || only === undefined) return exitCodes.partialFailure;
  const someCameThrough = summary?.tables.some(({ state }) => state === 'completed') ?? false;
  const stands = failed.length === 0 || only === 'drift' || only === 'differences';
  return exitCodes[someCameThrough && !stands ? 'partialFailure' : only];
}
