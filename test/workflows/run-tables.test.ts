import type { Comparison, Difference } from '../../src/plan/reconcile-wire';
import { bytesSetAside, fitsOneRun, shortenProgress, sizeOf } from '../../src/plan/run-size';
import type { TableProgress } from '../../src/plan/wire';
import { describeSync } from '../../src/workflows/details';
import { newComparison } from '../../src/workflows/reconcile-table';
import { RunTables } from '../../src/workflows/run-tables';

/** Temporal's limit on a payload. */
const PAYLOAD = 2 * 1024 * 1024;

const names = (tables: number): string[] =>
  Array.from({ length: tables }, (_, n) => `public.sensor_readings_${String(n).padStart(5, '0')}`);

/** A table that was copied, with numbers as wide as they come. */
function copied(table: string): TableProgress {
  return {
    table,
    state: 'completed',
    rows: 123_456_789_012,
    bytes: 12_345_678_901_234,
    batches: 1_234_567,
    repeated: 1234,
    alreadyApplied: 1234,
    fenced: 1234,
    watermark: '2026-11-25 10:00:00.123456+00',
    horizon: '2026-11-25 10:00:00.123456+00',
    intervals: 6_000,
    intervalsDone: 6_000,
    part: 1,
    estimatedRows: 123_456_789_012,
    warnings: [],
    odd: { nullCursor: 100_001, infinite: 100_001, beyondHorizon: 100_001, beforeStart: 100_001 },
  };
}

function compared(table: string): Comparison {
  const difference: Difference = {
    lower: '2026-11-25 10:00:00.123456+00',
    upper: 'infinity',
    missing: 1e9,
    extra: 1e9,
    different: 1e9,
  };
  const many = Array<Difference>(500).fill(difference);
  return {
    ...newComparison({ table, depth: 'hinted' }),
    state: 'completed',
    differences: many,
    remaining: many,
  };
}

const waiting = (table: string): TableProgress => ({ ...copied(table), state: 'waiting', odd: null });

function runOf(tables: string[], isCompared: boolean): RunTables<TableProgress> {
  return new RunTables(tables.map(waiting), {
    setAside: (table) => bytesSetAside(table, isCompared),
    shorten: shortenProgress,
  });
}

it('what a copied table comes to fits into what is set aside for it', () => {
  const [name = ''] = names(1);
  expect(sizeOf(copied(name))).toBeLessThan(bytesSetAside(name, false));
  expect(sizeOf({ ...copied(name), comparison: shortened(compared(name)) })).toBeLessThan(
    bytesSetAside(name, true),
  );
});

it('the most tables that fit one run fit a payload, however much each has to tell', () => {
  const most = (isCompared: boolean): string[] => {
    let tables = 100;
    while (fitsOneRun(names(tables + 10), () => isCompared)) tables += 10;
    return names(tables);
  };
  for (const isCompared of [false, true]) {
    const tables = most(isCompared);
    expect(tables.length).toBeGreaterThanOrEqual(isCompared ? 1_500 : 3_000);
    const run = runOf(tables, isCompared);
    for (const [n, table] of tables.entries()) {
      const warnings = Array<string>(20).fill('a warning of some words, as the horizon has them');
      const comparison = isCompared ? { comparison: compared(table) } : {};
      run.update(table, { state: 'copying' });
      run.update(
        table,
        n % 2 === 0
          ? { ...copied(table), warnings, ...comparison }
          : {
              ...waiting(table),
              state: 'failed',
              error: { type: 'Drift', message: 'what went wrong, where; '.repeat(50) },
            },
      );
    }
    expect(sizeOf(run.rows)).toBeLessThan(PAYLOAD - 50_000);
    // While there was room, everything was kept.
    expect(run.rows[0]?.warnings).toHaveLength(20);
    expect(run.rows[1]?.error?.message.length).toBeGreaterThan(1_000);
  }
});

it('room that a table gives back is there for others, and what was carried counts', () => {
  const [name = ''] = names(1);
  const warnings = Array<string>(10_000).fill('x'.repeat(90));
  const run = runOf(names(2), false);
  run.update(name, { warnings });
  run.update(name, { warnings });
  expect(run.rows[0]?.warnings).toHaveLength(10_000);
  const next = new RunTables(run.rows, {
    setAside: (table) => bytesSetAside(table, false),
    shorten: shortenProgress,
  });
  next.update(names(2)[1] ?? '', { warnings: [...warnings, ...warnings] });
  expect(next.rows[1]?.warnings).toEqual(['20000 warnings, in its own workflow']);
});

it('details show how many tables are in each state, and of thousands those that matter', () => {
  const tables = names(2_000);
  const run = runOf(tables, false);
  for (const [n, table] of tables.slice(0, 1_500).entries())
    run.update(
      table,
      n % 10 === 3 ? { state: 'failed', error: { type: 'Drift', message: 'gone' } } : { state: 'completed' },
    );
  run.update(tables[1_999] ?? '', { state: 'copying' });
  const text = describeSync(run.shown(), Date.UTC(2026, 0, 1));
  expect(text).toContain('1350 completed');
  expect(text).toContain('150 failed');
  expect(text).toContain('499 waiting');
  expect(text).toContain('| public.sensor_readings_01999 | copying |');
  expect(text).toContain('| public.sensor_readings_00003 | failed |');
  expect(text).toContain('| public.sensor_readings_01499 | completed |');
  expect(text).toContain('and 1969 more');
  expect(text.length).toBeLessThan(5_000);
});

function shortened(comparison: Comparison): Comparison {
  return shortenProgress({ ...copied(comparison.table), comparison }).comparison ?? comparison;
}
