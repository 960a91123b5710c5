import { execFileSync } from 'node:child_process';
import { describeMachine } from '../bench/machine';
import { median } from '../bench/median';
import { pairs } from './plan';
import type { RunResult } from './run';
import type { Abilities } from './slots';

/** What a proof came to, as it is printed with --json and kept under docs/proof/. */
export interface Proof {
  commit: string;
  machine: Record<string, string | number>;
  seeds: { first: number; runs: number };
  seconds: number;
  faults: number;
  aimedFaults: number;
  /** Moment → fault → how often. */
  pairs: Record<string, Record<string, number>>;
  leastOfAPair: number;
  unaimedFaults: Record<string, number>;
  /** Milliseconds from a fault until a batch was committed again, the worker's or server's return included, where that was watched. */
  recovery: Record<string, { watched: number; median: number; most: number }>;
  rows: number;
  batches: number;
  writersTransactions: number;
  syncs: number;
  failuresRead: number;
  /** Runs in which a promise was broken: seed → what. Empty is what is wanted. */
  broken: Record<string, string[]>;
}

export interface Circumstances {
  first: number;
  seconds: number;
  abilities: Abilities;
}

export function proofOf(results: readonly RunResult[], { first, seconds, abilities }: Circumstances): Proof {
  const faults = results.flatMap((result) => result.faults);
  const atPoint = faults.filter(({ point }) => point !== undefined);
  const found: Proof['pairs'] = {};
  for (const { point, kind } of pairs) {
    if (kind === 'disk full' && !abilities.disk) continue;
    const counts = (found[point] ??= {});
    counts[kind] = atPoint.filter((fault) => fault.point === point && fault.kind === kind).length;
  }
  const sum = (of: (result: RunResult) => number): number =>
    results.reduce((total, one) => total + of(one), 0);
  return {
    commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' and changes'),
    machine: {
      ...describeMachine(),
      postgresql: abilities.version,
      source: abilities.hypertables
        ? 'with TimescaleDB'
        : 'without TimescaleDB: partitions in place of hypertables',
      disk: abilities.disk ? "the destination's own" : 'none that could be filled',
    },
    seeds: { first, runs: results.length },
    seconds: Math.round(seconds),
    faults: faults.length,
    aimedFaults: atPoint.length,
    pairs: found,
    leastOfAPair: Math.min(...Object.values(found).flatMap((counts) => Object.values(counts))),
    unaimedFaults: countBy(faults.filter(({ point }) => point === undefined).map(({ kind }) => kind)),
    recovery: recoveryOf(results),
    rows: sum(({ rows }) => rows),
    batches: sum(({ batches }) => batches),
    writersTransactions: sum(({ transactions }) => transactions),
    syncs: sum(({ syncs }) => syncs),
    failuresRead: sum(({ failures }) => failures),
    broken: Object.fromEntries(
      results.filter(({ broken }) => broken.length > 0).map(({ seed, broken }) => [seed, broken]),
    ),
  };
}

function recoveryOf(results: readonly RunResult[]): Proof['recovery'] {
  const watched = results
    .flatMap(({ faults }) => faults)
    .filter(({ recoveryMs }) => recoveryMs !== undefined);
  const kinds = [...new Set(watched.map(({ kind }) => kind))].sort();
  return Object.fromEntries(
    kinds.map((kind) => {
      const times = watched.flatMap((fault) =>
        fault.kind === kind ? [Math.round(fault.recoveryMs ?? 0)] : [],
      );
      return [kind, { watched: times.length, median: Math.round(median(times)), most: Math.max(...times) }];
    }),
  );
}

function countBy(items: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of [...items].sort()) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}

function git(...command: string[]): string {
  try {
    return execFileSync('git', command, { encoding: 'utf8', cwd: __dirname }).trim();
  } catch {
    return 'unknown';
  }
}
