import type { Aim, AimedKind, Point } from './plan';
import type { RunOrder } from './run';

/** A change of the built engine that takes one mechanism out. */
export interface Mutant {
  name: string;
  /** What is taken out, for people. */
  without: string;
  /** Each `from` must be there exactly once. */
  edits: { file: string; from: string; to: string }[];
  /** Runs that need the mechanism: its faults, and a write mode in which nothing else makes up for it. Any when left out. */
  order?: Pick<RunOrder, 'focus' | 'mode' | 'faults'>;
}

const at = (points: Point[], kinds: AimedKind[]): Aim[] =>
  points.flatMap((point) => kinds.map((kind) => ({ point, kind })));

export const mutants: readonly Mutant[] = [
  {
    name: 'no-lock',
    without: "the lock of an interval's position",
    edits: [{ file: 'destination/lock-interval.js', from: 'AND id = $3 FOR UPDATE`', to: 'AND id = $3`' }],
    order: { focus: at(['mid-copy'], ['worker paused']) },
  },
  {
    name: 'no-position',
    without: 'the comparison of the position',
    edits: [
      { file: 'activities/copy-batch.js', from: 'if (locked.position !== position)', to: 'if (false)' },
    ],
    order: {
      focus: at(
        ['before-commit', 'committed'],
        ['answer to COMMIT lost', 'worker killed', 'destination cut'],
      ),
    },
  },
  {
    name: 'no-epoch',
    without: 'the comparison of the epoch',
    edits: [
      {
        file: 'destination/lock-interval.js',
        from: 'if (locked?.epoch !== request.epoch)',
        to: 'if (locked === undefined)',
      },
      { file: 'destination/read-spec.js', from: ' || row.epoch !== key.epoch', to: '' },
    ],
    order: { focus: at(['locked', 'before-begin', 'mid-copy'], ['second run']) },
  },
  {
    name: 'no-horizon',
    without: 'the horizon: a run reads up to the present',
    edits: [
      {
        file: 'source/read-horizon.js',
        from: 'const instant = heldBackBy ? heldBackBy.since : settled;',
        to: 'const instant = serverTime;',
      },
    ],
    // Of these a sync takes hardly any notice: many plans, some of them while a row's transaction is open.
    order: { focus: at(['committed'], ['source session ended']), mode: 'append', faults: 40 },
  },
  {
    name: 'ties-cut',
    without: 'the end between two cursor values: a batch is cut at its number of rows',
    edits: [
      {
        file: 'source/find-batch-end.js',
        from: 'if (position >= upper)',
        to: 'globalThis.rowsOfBatch = rows; if (position >= upper)',
      },
      {
        file: 'source/batch-query.js',
        from: 'first, last)}${order}`',
        to: 'first, last)}${order} LIMIT ${globalThis.rowsOfBatch ?? 1000}`',
      },
    ],
    order: { focus: at(['locked'], ['destination session ended']) },
  },
  {
    name: 'older-wins',
    without: 'the rule that the later cursor value stays',
    edits: [
      {
        file: 'destination/write-batch.js',
        from: 'present.${cursor} <= excluded.${cursor}',
        to: 'true',
      },
    ],
    order: { focus: at(['locked'], ['destination session ended']), mode: 'upsert' },
  },
  {
    name: 'checkpoint-apart',
    without: 'the one transaction for rows and position',
    edits: [
      {
        file: 'activities/copy-batch.js',
        from: 'await (0, advance_position_1.advancePosition)(writer',
        to: "await writer.query('COMMIT'); await writer.query('BEGIN'); await (0, advance_position_1.advancePosition)(writer",
      },
    ],
  },
  {
    name: 'heartbeat-by-timer',
    without: 'the heartbeat by rows that move: a timer sends it as long as the worker lives',
    edits: [
      { file: 'activities/pulse.js', from: 'if (attempt > 1)', to: 'return beatUntil(); if (attempt > 1)' },
    ],
    order: { focus: at(['mid-copy'], ['source half open', 'destination half open']) },
  },
];
