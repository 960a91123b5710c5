/** Temporal's limit on a fairness key. Names of syncs are ASCII. */
const MOST_BYTES = 64;

/**
 * The priority of everything that a sync has done: where tasks wait for workers, Temporal deals them out to each sync in
 * turn, however many of another one's are waiting. Workflows hand it down to their activities and children.
 */
export function fairnessOf(sync: string): { fairnessKey: string } {
  return { fairnessKey: sync.slice(0, MOST_BYTES) };
}
