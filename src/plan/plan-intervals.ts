import {
  type Interval,
  type IntervalProgress,
  joinNeighbours,
  subtract,
  thin,
  tile,
  without,
} from './intervals';

/** More than this in one plan, and its neighbours are joined: a plan must fit into a Temporal payload many times over. */
export const MOST_INTERVALS = 2000;

export interface PlanningState {
  /** What earlier runs left uncopied. */
  unfinished: IntervalProgress[];
  /** The horizon up to which earlier runs have planned, or undefined when nothing was ever copied. */
  planned: bigint | undefined;
  /** Where the first load begins. */
  start: bigint;
  /** How far below `planned` to read again, in ticks. */
  lookback: bigint;
  horizon: bigint;
  /** Where intervals should end: chunk boundaries or an even division. */
  cuts: bigint[];
  /** Intervals that begin below this are rewritten: the destination may hold rows of them that nothing else would find. */
  rewriteBelow?: bigint | undefined;
  /** What earlier runs planned; everything from the start on when left out. A start that has moved down leaves stretches to copy. */
  before?: Interval[] | undefined;
  /** The stretch to read holds no row, and nothing is to be deleted there: it is copied as soon as that is known. */
  empty?: boolean;
  /** Copied again because they differ; each is copied once, also where the stretch to read covers it. */
  again?: IntervalProgress[];
  /** The latest intervals come first. */
  newestFirst?: boolean;
}

/** The stretch that a run reads anew: all of it at first, afterwards what came since, and the lookback below that. */
export function stretchToRead({
  planned,
  start,
  lookback,
  horizon,
}: Pick<PlanningState, 'planned' | 'start' | 'lookback' | 'horizon'>): Interval {
  if (planned === undefined) return { lower: start, upper: horizon };
  const lower = planned - lookback;
  // A source whose clock fell behind must not take the horizon back: what was planned stays planned.
  return { lower: lower > start ? lower : start, upper: horizon > planned ? horizon : planned };
}

/**
 * What a run has to copy: what earlier runs left, the stretch to read, cut, and what was never planned below that since
 * the start was higher. No two overlap, and none goes beyond the horizon, or what was planned where that is more;
 * together with what was copied before they cover everything from the start up to there.
 */
export function planIntervals(state: PlanningState): IntervalProgress[] {
  const stretch = stretchToRead(state);
  const { start, rewriteBelow } = state;
  const cuts = thin(state.cuts, MOST_INTERVALS);
  const belowStretch = { lower: start, upper: stretch.lower };
  const earlier = without([belowStretch], [...(state.before ?? [belowStretch]), ...state.unfinished]);
  const pieces = state.empty ? [] : tile(stretch, cuts);
  const fresh = [...earlier.flatMap((one) => tile(one, cuts)), ...pieces].map((interval) => ({
    ...interval,
    position: interval.lower,
    rewrite: rewriteBelow !== undefined && interval.lower < rewriteBelow,
  }));
  const unfinished = state.unfinished.filter(({ position, upper }) => position < upper);
  const rest = pieces.length > 0 ? subtract(unfinished, stretch) : unfinished;
  const planned = [...joinNeighbours(rest, MOST_INTERVALS), ...(state.newestFirst ? fresh.reverse() : fresh)];
  const again = state.again ?? [];
  // Two lanes that rewrote one stretch at once would double its rows.
  return [...again, ...again.reduce(subtract, planned)];
}
