import type { SyncProgress, TableProgress } from '../plan/wire';

/** What Temporal's web page shows of a table's run, in Markdown. */
export function describeTable(progress: TableProgress): string {
  return [
    `**${progress.table}**: ${progress.state}`,
    `${progress.rows} rows in ${progress.batches} batches, ${progress.intervalsDone} of ${progress.intervals} intervals`,
    `horizon ${progress.horizon ?? 'not known yet'}`,
    ...progress.warnings.map((warning) => `⚠ ${warning}`),
  ].join('\n\n');
}

/** What Temporal's web page shows of a sync's run, in Markdown. */
export function describeSync({ tables }: SyncProgress): string {
  const rows = tables.map(({ table, state, rows, watermark, error }) => {
    return `| ${table} | ${state} | ${rows} | ${watermark ?? ''} | ${error?.message ?? ''} |`;
  });
  return ['| table | state | rows | watermark | error |', '|---|---|---|---|---|', ...rows].join('\n');
}
