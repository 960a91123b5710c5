import type { Pool } from 'pg';

/** One of the two servers. */
export type End = 'source' | 'destination';

/** Where an error came from. */
export interface Origin {
  end: End;
  /** The columns of the COPY that failed, of which the server's context may name one. */
  columns?: readonly string[];
}

const ends = new WeakMap<Pool, End>();
const origins = new WeakMap<object, Origin>();

/** Remembers where an error came from. The first to say so is right: streams hand errors on to each other. */
export function markOrigin(error: unknown, origin: Origin): void {
  if (typeof error === 'object' && error !== null && !origins.has(error)) origins.set(error, origin);
}

export function originOf(error: unknown): Origin | undefined {
  return typeof error === 'object' && error !== null ? origins.get(error) : undefined;
}

/** Remembers which end a pool leads to. */
export function setEnd(pool: Pool, end: End): void {
  ends.set(pool, end);
}

export function endOf(pool: Pool): End | undefined {
  return ends.get(pool);
}
