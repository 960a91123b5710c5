import { heartbeat } from '@temporalio/activity';
import type { Life } from '../destination/write-batch';

/** Several times within the heartbeat timeout. */
const BEAT_EVERY_MS = 2_000;

/**
 * A batch's heartbeat. While rows move it beats when they do and never on a timer, so that a connection that hangs is
 * noticed. While a server works on a statement it beats on a timer, for as long as the statement may take
 * (`patienceMs`): a slow query is not a dead one. Carries no details: what counts is in the checkpoint.
 */
export function createPulse(patienceMs: number): Life {
  const wait = (): (() => void) => {
    heartbeat();
    const timer = setInterval(() => heartbeat(), BEAT_EVERY_MS);
    const end = Number.isFinite(patienceMs) ? setTimeout(() => clearInterval(timer), patienceMs) : undefined;
    return () => {
      clearInterval(timer);
      clearTimeout(end);
    };
  };
  return {
    beat: () => heartbeat(),
    wait,
    while: async (statement) => {
      const stop = wait();
      try {
        return await statement;
      } finally {
        stop();
      }
    },
  };
}
