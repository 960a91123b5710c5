import Table from 'cli-table3';
import type { Comparison } from '../plan/reconcile-wire';
import type { SyncSummary, TableProgress } from '../plan/wire';
import type { RunOutcome } from '../temporal/run-outcome';
import { describeComparison } from './comparison-summary';
import { describeBrokenOff } from './broken-off';
import { ended, formatCount } from './format';
import { exitCodeOf } from './run-exit-code';

/** Prints how a run ended, on stdout; its failures on stderr. */
export function printOutcome(sync: string, outcome: RunOutcome<SyncSummary>, json: boolean): void {
  const { summary, failure } = outcome;
  if (json) {
    const error = failure && { type: failure.type, message: failure.message, exitCode: exitCodeOf(outcome) };
    process.stdout.write(
      `${JSON.stringify({ ok: !failure, sync, tables: summary?.tables ?? [], ...(error && { error }) }, null, 2)}\n`,
    );
    return;
  }
  if (summary) {
    process.stdout.write(`${renderTable(summary)}\n`);
    for (const { comparison } of summary.tables)
      if (comparison) for (const line of foundBy(comparison)) process.stdout.write(`${line}\n`);
    for (const { table, warnings } of summary.tables)
      for (const warning of warnings) process.stdout.write(`! ${table}: ${warning}.\n`);
    for (const { table, error } of summary.tables)
      if (error) process.stderr.write(`${ended(`${table} failed: ${error.message}`)}\n`);
  }
  if (failure && !summary?.tables.some(({ error }) => error))
    process.stderr.write(
      `${ended(describeBrokenOff(sync, failure) ?? `The run of ${sync} failed: ${failure.message}`)}\n`,
    );
}

/** What reconcile, as part of the sync, found and did. */
function foundBy(comparison: Comparison): string[] {
  const { table, missing, extra, different, differing } = comparison;
  const found = [
    `${formatCount(missing)} missing, ${formatCount(extra)} extra, ${formatCount(different)} different`,
  ];
  return [
    ...(differing > 0 ? [`${table}: found behind the watermark: ${found.join()}.`] : []),
    ...describeComparison(comparison),
  ];
}

function renderTable({ tables }: SyncSummary): string {
  const table = new Table({
    head: ['table', 'state', 'rows', 'batches', 'repeated', 'watermark'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const one of tables) table.push(row(one));
  return table.toString();
}

function row({ table, state, rows, batches, repeated, watermark }: TableProgress): string[] {
  return [table, state, formatCount(rows), formatCount(batches), formatCount(repeated), watermark ?? ''];
}
