/** What was seen of an integer cursor column: its largest value, and when, in microseconds since the Unix epoch. */
export interface IntegerObservation {
  maximum: bigint;
  at: bigint;
}

/**
 * Integers have no clock, so a horizon comes from watching: rows up to the maximum seen at a time are all visible once
 * every transaction that was open then has ended (their numbers were taken from the sequence before the maximum's
 * transaction committed, or later ones are larger). Returns the largest such maximum plus one, or undefined.
 * `oldestOpen` is the start of the oldest open transaction now, in microseconds.
 */
export function integerHorizon(
  observations: IntegerObservation[],
  oldestOpen: bigint | undefined,
): bigint | undefined {
  const settled = observations.filter(({ at }) => oldestOpen === undefined || at < oldestOpen);
  return settled.reduce<bigint | undefined>(
    (horizon, { maximum }) => (horizon === undefined || maximum + 1n > horizon ? maximum + 1n : horizon),
    undefined,
  );
}
