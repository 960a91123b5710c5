import type { BatchMoment } from '../src/activities/dependencies';
import type { Random } from '../test/support/random';
import { randomTables, type Table, type TablesOptions } from './tables';

/** The moments of a batch at which a fault can be made to meet it. */
export const points = [
  'before-begin',
  'locked',
  'mid-copy',
  'before-commit',
  'committed',
] as const satisfies BatchMoment[];
export type Point = (typeof points)[number];

/** Faults that can be aimed at a moment of a batch. */
export const aimed = [
  'worker killed',
  'worker paused',
  'source session ended',
  'destination session ended',
  'source crashed',
  'destination crashed',
  'Temporal killed',
  'Temporal cut',
  'source cut',
  'destination cut',
  'source half open',
  'destination half open',
  'source slow',
  'destination slow',
  'answer to COMMIT lost',
  'disk full',
  'second run',
] as const;

/** Faults that last, or change what is there, and come at any time. */
export const unaimed = [
  'source away',
  'destination away',
  'timeouts tiny',
  'table locked',
  'column added',
  'table renamed',
  'table dropped',
  'Temporal half open',
  'second Temporal',
] as const;

export type AimedKind = (typeof aimed)[number];
export type FaultKind = AimedKind | (typeof unaimed)[number];

export interface Fault {
  kind: FaultKind;
  /** Where a batch is when it comes; at any time when left out. */
  point?: Point;
  /** Since the one before was over. */
  afterMs: number;
  /** For how long it lasts, where it does. */
  forMs: number;
  /** The next one waits until the sync has recovered, and the time that takes is measured. */
  watched: boolean;
  /** Which of the tables, or workers. */
  choice: number;
}

export interface RunPlan {
  seed: number;
  tables: Table[];
  faults: Fault[];
}

export const FAULTS_PER_RUN = 11;
/** Of a run's faults so many come at any time, the others are aimed. */
const AT_ANY_TIME = 2;

/** A fault that is aimed at a moment of a batch. */
export interface Aim {
  point: Point;
  kind: AimedKind;
}

/** Every pair of moment and fault, in an order in which neighbours differ. */
export const pairs: readonly Aim[] = points.flatMap((_, turn) =>
  aimed.map((kind, index) => ({ point: points[(index + turn) % points.length] as Point, kind })),
);

export interface PlanOptions extends TablesOptions {
  disk: boolean;
  focus?: readonly Aim[] | undefined;
  /** How many; {@link FAULTS_PER_RUN} unless given. */
  faults?: number | undefined;
  /** The destination is away for so long instead, in milliseconds. */
  outageMs?: number | undefined;
}

/** All that a run does by itself. Seeds that follow each other go through all pairs in turn. */
export function planRun(
  random: Random,
  { disk, focus = pairs, faults: count = FAULTS_PER_RUN, outageMs, ...shape }: PlanOptions,
): RunPlan {
  const tables = randomTables(random, shape);
  if (outageMs !== undefined) {
    const outage = {
      kind: 'destination away',
      afterMs: 2_000,
      forMs: outageMs,
      watched: true,
      choice: 0,
    } as const;
    return { seed: random.seed, tables, faults: [outage] };
  }
  const unaimedCount = Math.min(AT_ANY_TIME, count);
  const aimedCount = count - unaimedCount;
  const first = random.seed * aimedCount;
  const inTurn = Array.from(
    { length: aimedCount },
    (_, index) => focus[(first + index) % focus.length],
  ).filter((pair) => pair !== undefined);
  const atAnyTime = Array.from({ length: unaimedCount }, () => ({
    kind: random.chance(0.5) ? random.pick(unaimed) : random.pick(aimed),
  }));
  const faults = random
    .shuffle<{ kind: FaultKind; point?: Point }>([...inTurn, ...atAnyTime])
    .filter(({ kind }) => disk || kind !== 'disk full')
    .map((fault) => ({
      ...fault,
      afterMs: random.between(100, 1_500),
      forMs: random.between(1_500, 4_000),
      watched: random.chance(0.25),
      choice: random.between(0, 1_000),
    }));
  return { seed: random.seed, tables, faults };
}
