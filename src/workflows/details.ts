import type { Comparison } from '../plan/reconcile-wire';
import type { TableProgress } from '../plan/wire';
import type { Shown } from './run-tables';

/** What Temporal's web page shows of a table's run, in Markdown. */
export function describeTable(progress: TableProgress): string {
  return [
    `**${progress.table}**: ${progress.state}`,
    ...(progress.opens === undefined ? [] : [describeOpening(progress.opens)]),
    `${progress.rows} rows in ${progress.batches} batches, ${progress.intervalsDone} of ${progress.intervals} intervals`,
    `horizon ${progress.horizon ?? 'not known yet'}`,
    ...progress.warnings.map((warning) => `⚠ ${warning}`),
  ].join('\n\n');
}

/** What Temporal's web page shows of a sync's run, in Markdown. */
export function describeSync(shown: Shown<TableProgress>): string {
  const rows = shown.rows.map(({ table, state, rows, watermark, error }) => {
    return `| ${table} | ${state} | ${rows} | ${watermark ?? ''} | ${error?.message ?? ''} |`;
  });
  return withCounts(shown, [
    '| table | state | rows | watermark | error |',
    '|---|---|---|---|---|',
    ...rows,
  ]);
}

/** What Temporal's web page shows of a table's comparison, in Markdown. */
export function describeComparison(comparison: Comparison): string {
  const { table, state, stretches, skipped, compared, missing, extra, different, stillDiffering } =
    comparison;
  return [
    `**${table}**: ${state}`,
    ...(comparison.opens === undefined ? [] : [describeOpening(comparison.opens)]),
    `${compared} of ${stretches} stretches compared, ${skipped} left out by hints`,
    `${missing} rows missing, ${extra} extra, ${different} different; ${stillDiffering} intervals differ now`,
    ...comparison.warnings.map((warning) => `⚠ ${warning}`),
  ].join('\n\n');
}

/** What Temporal's web page shows of a comparison's run, in Markdown. */
export function describeReconcile(shown: Shown<Comparison>): string {
  const rows = shown.rows.map(({ table, state, missing, extra, different, stillDiffering, error }) => {
    return `| ${table} | ${state} | ${missing} | ${extra} | ${different} | ${stillDiffering} | ${error?.message ?? ''} |`;
  });
  return withCounts(shown, [
    '| table | state | missing | extra | different | intervals that differ | error |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ]);
}

function withCounts(
  { counts, more }: Pick<Shown<TableProgress>, 'more'> & { counts: [string, number][] },
  table: string[],
): string {
  const states = counts.map(([state, tables]) => `${tables} ${state}`).join(', ');
  return [states, '', ...table, ...(more > 0 ? ['', `and ${more} more`] : [])].join('\n');
}

/** Of a run that waits until its source may be read; nothing of one that does not. */
export function describeOpening(opens: string | undefined): string {
  return opens === undefined ? '' : `waiting for ${opens}, when the source may be read`;
}
