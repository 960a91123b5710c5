import Table from 'cli-table3';
import type { Result } from './measure';

export function table(
  outcomes: (Result | { name: string; error: string } | { name: string; skipped: string })[],
): string {
  const shown = new Table({
    head: [
      'case',
      'rows',
      'Tidemark',
      'COPY',
      'ratio',
      'COPY + upsert',
      'ratio',
      'worker, most',
      'goal',
      'met',
    ],
    style: { head: [], border: [] },
    colAligns: ['left', ...Array.from({ length: 7 }, () => 'right' as const), 'left', 'left'],
  });
  for (const outcome of outcomes) {
    if ('error' in outcome) shown.push([outcome.name, { colSpan: 9, content: `failed: ${outcome.error}` }]);
    else if ('skipped' in outcome)
      shown.push([outcome.name, { colSpan: 9, content: `skipped: it ${outcome.skipped}` }]);
    else {
      shown.push([
        outcome.name,
        outcome.rows.toLocaleString('en-US'),
        seconds(outcome.tidemarkSeconds),
        seconds(outcome.copySeconds),
        outcome.ratio?.toFixed(2) ?? '',
        seconds(outcome.upsertSeconds),
        outcome.upsertRatio?.toFixed(2) ?? '',
        outcome.peakMegabytes === undefined ? '' : `${outcome.peakMegabytes.toFixed(0)} MB`,
        outcome.goal,
        outcome.met ? 'yes' : 'NO',
      ]);
    }
  }
  return shown.toString();
}

function seconds(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(2)} s`;
}
