import { type CursorKind, ticksToMicroseconds } from '../plan/cursor-value';

/** What the source said of the time when a horizon was chosen: gives cursor values their place in real time. */
export interface SourceClock {
  kind: CursorKind;
  /** The source's now, in microseconds since the Unix epoch. */
  now: bigint;
  /** What a local time lacks to UTC, in microseconds. */
  offset: bigint;
}

/** A cursor value as seconds since the Unix epoch; a date as its beginning in UTC. */
export function unixSeconds({ kind, offset }: SourceClock, value: bigint): number {
  return Number(ticksToMicroseconds(kind, value) + offset) / 1e6;
}

/** Between two moments in microseconds. Never negative: clocks may be set back. */
export function secondsBetween(earlier: bigint, later: bigint): number {
  return Math.max(0, Number(later - earlier) / 1e6);
}
