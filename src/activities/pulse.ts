import { heartbeat } from '@temporalio/activity';

const BEAT_EVERY_MS = 3_000;

/**
 * A batch's heartbeat. While rows move it beats when they do and never on a timer, so that a connection that hangs is
 * noticed. While a server works on a statement it beats on a timer, for as long as the statement may take: a slow
 * query is not a dead one. Carries no details: what counts is in the checkpoint.
 */
export class Pulse {
  /** @param patienceMs how long a statement may take at most: after that, silence means failure */
  constructor(private readonly patienceMs: number) {}

  /** Rows moved. */
  beat = (): void => heartbeat();

  /** Beats until the promise settles. */
  while = async <T>(statement: Promise<T>): Promise<T> => {
    const stop = this.wait();
    try {
      return await statement;
    } finally {
      stop();
    }
  };

  /** Beats until the returned function is called. */
  wait = (patienceMs = this.patienceMs): (() => void) => {
    heartbeat();
    const timer = setInterval(() => heartbeat(), BEAT_EVERY_MS);
    const end = Number.isFinite(patienceMs) ? setTimeout(() => clearInterval(timer), patienceMs) : undefined;
    return () => {
      clearInterval(timer);
      clearTimeout(end);
    };
  };
}
