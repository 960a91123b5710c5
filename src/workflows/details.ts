import ms from 'ms';
import { lagOf } from '../plan/alarms';
import { describeOpening } from '../plan/describe-opening';
import type { Comparison } from '../plan/reconcile-wire';
import type { TableProgress } from '../plan/wire';
import type { Shown } from './run-tables';

/** When a run's execution began, how much was done by then, and now: for what is shown alone, never for a decision. */
export interface Timing {
  now: number;
  startedAt: number;
  partAtStart: number;
}

/** What Temporal's web page shows of a table's run, in Markdown. */
export function describeTable(progress: TableProgress, timing: Timing): string {
  return [
    `**${progress.table}**: ${progress.state}, ${Math.floor(progress.part * 100)} %${timeLeft(progress, timing)}`,
    ...(progress.opens === undefined ? [] : [describeOpening(progress.opens)]),
    `${progress.rows} rows in ${progress.batches} batches, ${progress.intervalsDone} of ${progress.intervals} intervals`,
    `horizon ${progress.horizon ?? 'not known yet'}, watermark ${progress.watermark ?? 'none yet'}${lag(progress.watermark, timing.now, ', lag ')}`,
    ...progress.warnings.map((warning) => `⚠ ${warning}`),
  ].join('\n\n');
}

/** `, about 3 minutes left`, once enough is done to tell. */
function timeLeft({ state, part }: TableProgress, { now, startedAt, partAtStart }: Timing): string {
  const done = part - partAtStart;
  if (state !== 'copying' || done < 0.01 || part >= 1) return '';
  return `, about ${ms(((now - startedAt) * (1 - part)) / done, { long: true })} left`;
}

function lag(watermark: string | null, now: number, before = ''): string {
  const behind = lagOf(watermark, now);
  return behind === undefined || behind < 0 ? '' : before + ms(behind, { long: true });
}

/** What Temporal's web page shows of a sync's run, in Markdown. Lags are those of the moment at which it is written. */
export function describeSync(shown: Shown<TableProgress>, now: number): string {
  const rows = shown.rows.map(({ table, state, rows, watermark, error }) => {
    return `| ${table} | ${state} | ${rows} | ${watermark ?? ''} | ${lag(watermark, now)} | ${error?.message ?? ''} |`;
  });
  return withCounts(shown, [
    '| table | state | rows | watermark | lag | error |',
    '|---|---|---|---|---|---|',
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
