import Table from 'cli-table3';
import type { Comparison, Difference, ReconcileSummary } from '../plan/reconcile-wire';
import type { RunOutcome } from '../temporal/run-outcome';
import { describeBrokenOff } from './broken-off';
import { ended, formatCount } from './format';
import { exitCodeOf } from './run-exit-code';

/** How many intervals of a table are shown; `--json` has them all. */
const SHOWN = 20;

/** Prints what a comparison came to, on stdout; failures on stderr. */
export function printComparison(sync: string, outcome: RunOutcome<ReconcileSummary>, json: boolean): void {
  const { summary, failure } = outcome;
  const tables = summary?.tables ?? [];
  if (json) {
    const error = failure && { type: failure.type, message: failure.message, exitCode: exitCodeOf(outcome) };
    process.stdout.write(
      `${JSON.stringify({ ok: !failure, sync, tables, ...(error && { error }) }, null, 2)}\n`,
    );
    return;
  }
  if (tables.length > 0) process.stdout.write(`${renderTables(tables)}\n`);
  for (const table of tables) {
    for (const line of describeComparison(table)) process.stdout.write(`${line}\n`);
    if (table.differences.length > 0) process.stdout.write(`${renderDifferences(table)}\n`);
    if (table.stillDiffering > 0 && table.rowsCopied > 0)
      process.stdout.write(
        `Still different after being copied again, as when rows are written meanwhile:\n${renderDifferences({ ...table, differences: table.remaining, differing: table.stillDiffering })}\n`,
      );
    for (const warning of table.warnings) process.stdout.write(`! ${table.table}: ${warning}.\n`);
    if (table.error) process.stderr.write(`${ended(`${table.table} failed: ${table.error.message}`)}\n`);
  }
  if (failure && !tables.some(({ error }) => error))
    process.stderr.write(`${ended(describeBrokenOff(sync, failure) ?? failure.message)}\n`);
}

function renderTables(tables: Comparison[]): string {
  const table = new Table({
    head: ['table', 'state', 'rows, source', 'destination', 'missing', 'extra', 'different', 'result'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const one of tables) table.push([one.table, one.state, ...countsOf(one), resultOf(one)]);
  return table.toString();
}

/** Of a table that failed before it was compared there are none. */
function countsOf(one: Comparison): string[] {
  if (one.state === 'failed' && one.compared === 0) return ['', '', '', '', ''];
  return [one.sourceRows, one.destinationRows, one.missing, one.extra, one.different].map(formatCount);
}

function resultOf({ state, watermark, differing, stillDiffering, repaired }: Comparison): string {
  if (state !== 'completed') return '';
  if (watermark === null) return 'not copied yet';
  if (repaired) return 'repaired';
  if (stillDiffering > 0) return 'differs';
  return differing === 0 ? 'equal' : '';
}

/** What a comparison came to, in sentences. */
export function describeComparison({
  table,
  stretches,
  skipped,
  dropped,
  kept,
  moved,
  rowsCopied,
  differing,
  repaired,
}: Comparison): string[] {
  const count = (number: number, what: string): string =>
    `${formatCount(number)} ${what}${number === 1 ? '' : 's'}`;
  return [
    ...(skipped > 0
      ? [
          `${table}: ${count(stretches - skipped, 'stretch').replace(/stretchs$/, 'stretches')} of ${formatCount(stretches)} compared; nothing hints at a change in the others.`,
        ]
      : []),
    ...(dropped > 0
      ? [`${table}: ${count(dropped, 'chunk')} dropped at the source; what was copied of them is kept.`]
      : []),
    ...(kept > 0 ? [`${table}: ${count(kept, 'row')} gone at the source kept at the destination.`] : []),
    ...(moved > 0
      ? [
          `${table}: ${count(moved, 'row')} moved on to another cursor value: nothing of them is deleted, and syncs copy them when their value's turn comes.`,
        ]
      : []),
    ...(repaired
      ? [
          `${table}: ${count(rowsCopied, 'row')} copied again in ${count(differing, 'interval')}, and found equal.`,
        ]
      : []),
  ];
}

function renderDifferences({ table, differences, differing }: Comparison): string {
  const rendered = new Table({
    head: [table, 'up to', 'missing', 'extra', 'different'],
    colAligns: ['left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const difference of differences.slice(0, SHOWN)) rendered.push(row(difference));
  const more = differing - Math.min(SHOWN, differences.length);
  return more > 0 ? `${rendered.toString()}\n… and ${formatCount(more)} more.` : rendered.toString();
}

function row({ lower, upper, missing, extra, different }: Difference): string[] {
  return [lower, upper, ...[missing, extra, different].map(formatCount)];
}
