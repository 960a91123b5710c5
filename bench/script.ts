import { InvalidArgumentError } from 'commander';

/** Of an option that counts. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

/** What goes on; stdout is for the result. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Ends the process with the exit code that `main` comes to; with 1 when it fails, with 130 when it is interrupted.
 * Servers and workers live under a guard, which ends them and removes their folder when this process is gone.
 */
export function runToExit(main: () => Promise<number>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      say('Interrupted.');
      process.exit(130);
    });
  }
  main().then(
    (exitCode) => process.exit(exitCode),
    (error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      process.exit(1);
    },
  );
}
