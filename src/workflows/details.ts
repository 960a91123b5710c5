import type { Comparison } from '../plan/reconcile-wire';
import type { SyncProgress, TableProgress } from '../plan/wire';

/** What Temporal's web page shows of a table's run, in Markdown. */
export function describeTable(progress: TableProgress): string {
  return [
    `**${progress.table}**: ${progress.state}`,
    ...(progress.opens === undefined ? [] : [waiting(progress.opens)]),
    `${progress.rows} rows in ${progress.batches} batches, ${progress.intervalsDone} of ${progress.intervals} intervals`,
    `horizon ${progress.horizon ?? 'not known yet'}`,
    ...progress.warnings.map((warning) => `⚠ ${warning}`),
  ].join('\n\n');
}

/** What Temporal's web page shows of a sync's run, in Markdown. */
export function describeSync({ tables, opens }: SyncProgress): string {
  if (opens !== undefined) return waiting(opens);
  const rows = tables.map(({ table, state, rows, watermark, error }) => {
    return `| ${table} | ${state} | ${rows} | ${watermark ?? ''} | ${error?.message ?? ''} |`;
  });
  return ['| table | state | rows | watermark | error |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** What Temporal's web page shows of a table's comparison, in Markdown. */
export function describeComparison(comparison: Comparison): string {
  const { table, state, stretches, skipped, compared, missing, extra, different, stillDiffering } =
    comparison;
  return [
    `**${table}**: ${state}`,
    ...(comparison.opens === undefined ? [] : [waiting(comparison.opens)]),
    `${compared} of ${stretches} stretches compared, ${skipped} left out by hints`,
    `${missing} rows missing, ${extra} extra, ${different} different; ${stillDiffering} intervals differ now`,
    ...comparison.warnings.map((warning) => `⚠ ${warning}`),
  ].join('\n\n');
}

/** What Temporal's web page shows of a comparison's run, in Markdown. */
export function describeReconcile(tables: Comparison[], opens?: string): string {
  if (opens !== undefined) return waiting(opens);
  const rows = tables.map(({ table, state, missing, extra, different, stillDiffering, error }) => {
    return `| ${table} | ${state} | ${missing} | ${extra} | ${different} | ${stillDiffering} | ${error?.message ?? ''} |`;
  });
  return [
    '| table | state | missing | extra | different | intervals that differ | error |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function waiting(opens: string): string {
  return `waiting for ${opens}, when the source may be read`;
}
