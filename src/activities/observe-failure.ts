import { activityInfo, ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { parseTableName } from '../postgres/identifiers';
import { configuredTable, qualified } from './configured-tables';
import type { Dependencies } from './dependencies';
import type { TableLabels } from './metrics';

/** Counts an attempt that failed with what history will say of it. Who cancels it has not made it fail. */
export function observeFailure({ metrics, syncs }: Dependencies, input: object, failure: Error): void {
  if (!metrics || failure instanceof CancelledFailure) return;
  const { type, nonRetryable } =
    failure instanceof ApplicationFailure ? failure : { type: undefined, nonRetryable: false };
  const labels = { ...knownNames(syncs, input), type: type ?? 'Failure' };
  metrics.add('tidemark_failures', 1, { ...labels, retried: nonRetryable ? 'false' : 'true' });
  // What fails in completeIdle is left to each table's own plan.
  const isFinal = nonRetryable && labels.sync !== '' && activityInfo().activityType !== 'completeIdle';
  if (isFinal) metrics.set('tidemark_failed_timestamp_seconds', Date.now() / 1000, labels);
}

/** Any client may start a workflow with any names: only those that the configuration knows become labels. */
function knownNames(syncs: Dependencies['syncs'], input: object): TableLabels {
  const { sync = '', table } = input as { sync?: string; table?: string };
  const config = syncs.get(sync)?.config;
  if (!config) return { sync: '', table: '' };
  return { sync, table: isConfigured(config, table) ? table : '' };
}

function isConfigured(config: Parameters<typeof configuredTable>[0], table?: string): table is string {
  try {
    return table !== undefined && configuredTable(config, qualified(parseTableName(table))) !== undefined;
  } catch {
    // Not a name.
    return false;
  }
}
