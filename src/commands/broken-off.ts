/** What a run was, by the type of its failure, where a person or Temporal has ended it. */
const ends: Readonly<Record<string, string>> = {
  Cancelled: 'cancelled',
  Terminated: 'terminated',
  TimedOut: 'timed out',
};

/** That a run was ended from elsewhere, without a full stop; undefined where it failed by itself. */
export function describeBrokenOff(sync: string, { type }: { type: string }): string | undefined {
  const end = ends[type];
  return end && `The run of ${sync} was ${end}. What was committed stays; the next one goes on from there`;
}
