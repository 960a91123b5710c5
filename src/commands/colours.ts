import pc from 'picocolors';

/**
 * Whether a stream is to be coloured: NO_COLOR says no, FORCE_COLOR (but 0) says yes, and else a terminal is that is
 * not dumb. A pipe is not, under CI either.
 */
export function isColoured(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  return stream.isTTY === true && TERM !== 'dumb';
}

/** For what goes to stdout. */
export const colours = pc.createColors(isColoured(process.stdout));
