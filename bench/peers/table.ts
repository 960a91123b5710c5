import Table from 'cli-table3';
import type { Outcome, SideBySide } from './outcome';

const HEAD = ['', 'version', 'mode', 'time', 'of COPY', 'result', 'read again', 'result after SIGKILL'];

export function peersTable({ case: name, rows, copySeconds, upsertSeconds, outcomes }: SideBySide): string {
  const shown = new Table({
    head: HEAD,
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'left', 'right', 'right', 'left', 'right', 'left'],
  });
  for (const outcome of outcomes) shown.push(row(outcome));
  const psql = `COPY ${seconds(copySeconds)}, COPY + upsert ${seconds(upsertSeconds)}`;
  return `${name}, ${count(rows)} rows: psql ${psql}\n${shown.toString()}`;
}

function row(outcome: Outcome) {
  const { name, version, mode, ratio, rowsReadAgain, error } = outcome;
  if (outcome.seconds === undefined)
    return [name, version, mode, { colSpan: 5, content: `failed: ${error ?? 'for no reason given'}` }];
  return [
    name,
    version,
    mode,
    seconds(outcome.seconds),
    // Another amount of work is not timed as equal.
    outcome.kept ? (ratio?.toFixed(2) ?? '') : `(${ratio?.toFixed(2) ?? ''})`,
    outcome.equal ? 'equal' : (outcome.differs ?? ''),
    rowsReadAgain === undefined ? '' : count(rowsReadAgain),
    outcome.equalAfterCrash ? 'equal' : (outcome.differsAfterCrash ?? `failed: ${error ?? ''}`),
  ];
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
