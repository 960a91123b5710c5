import { Context } from '@temporalio/activity';
import type { Life } from '../destination/write-batch';

const BEAT_EVERY_MS = 2_000;
/** For how long rows may pause on a second attempt; twice as long on each one after that, up to an hour. */
const PAUSE_MS = 20_000;
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * An activity's heartbeat. While rows move it beats when they do and not on a timer, so that a connection that hangs is
 * noticed; but each attempt after the first waits longer for the next row, since a slow scan pauses at the same place
 * again. While a server works on a statement it beats on a timer: a slow query is not a dead one, and each statement
 * has a timeout of its own. Carries no details: what counts is in the checkpoint.
 *
 * The activity is remembered: a stream's callbacks run in the asynchronous context in which their socket was opened,
 * where the SDK's own heartbeat() would find another activity.
 */
export function createPulse(): Life {
  const activity = Context.current();
  const beat = (): void => activity.heartbeat();
  const beatUntil = (end?: number): (() => void) => {
    beat();
    const timer = setInterval(beat, BEAT_EVERY_MS);
    const limit = end === undefined ? undefined : setTimeout(() => clearInterval(timer), end);
    return () => {
      clearInterval(timer);
      clearTimeout(limit);
    };
  };
  const { attempt } = activity.info;
  const pauseMs = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** Math.max(0, attempt - 2));
  return {
    moved: () => {
      if (attempt > 1) return beatUntil(pauseMs);
      beat();
      return () => undefined;
    },
    wait: () => beatUntil(),
    while: async (statement) => {
      const stop = beatUntil();
      try {
        return await statement;
      } finally {
        stop();
      }
    },
  };
}
