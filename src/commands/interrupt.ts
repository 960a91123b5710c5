import { exitCodes } from './exit-codes';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruption {
  happened: Promise<'interrupted'>;
  /** Back to the default: a signal ends the process. */
  stop(): void;
}

/** Tells of the first Ctrl-C, SIGTERM or SIGHUP. The second ends the process at once. */
export function onInterrupt(first: () => void): Interruption {
  let resolve: (value: 'interrupted') => void;
  const happened = new Promise<'interrupted'>((settle) => (resolve = settle));
  let count = 0;
  const listener = (): void => {
    count += 1;
    if (count > 1) process.exit(exitCodes.interrupted);
    first();
    resolve('interrupted');
  };
  for (const signal of signals) process.on(signal, listener);
  return {
    happened,
    stop: () => {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
