import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { proveValues } from './prove-values';

const options = new Command('prove-values')
  .description('Copies fuzzed rows of every type in each write mode on each lane, and compares their text.')
  .option('--rows <n>', 'rows in all', wholeNumber, 1_000_000)
  .option('--seed <n>', 'the same rows come from the same seed (default: any, and printed)', wholeNumber)
  .option('--json', 'print one JSON object to stdout at the end, everything else to stderr')
  .addHelpText(
    'after',
    '\nExit codes: 0 no text differs, 1 one does or a run failed, 2 usage, 130 interrupted.',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ rows: number; seed?: number; json?: boolean }>();
const say = (line: string): void => void process.stderr.write(`${line}\n`);

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

// Servers and workers live under a guard, which ends them and removes their folder when this process is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    say('Interrupted.');
    process.exit(130);
  });
}
proveValues({ rows: options.rows, seed: options.seed ?? randomInt(1, 2 ** 31), report: say }).then(
  (report) => {
    for (const { differences } of report.tables) differences.forEach(say);
    say(
      `${report.rows} rows and ${report.changed} changes, ${report.types} types: ${report.differences} differences of text, ${report.totalSeconds} s`,
    );
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    process.exit(report.ok ? 0 : 1);
  },
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
