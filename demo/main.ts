import { Command } from 'commander';
import { stopEmbedded } from '../src/embedded/guarded-process';
import { roundSeconds } from './follow';
import { Report } from './report';
import type { Outcome } from './outcome';
import { tellStory } from './story';

const program = new Command('npm run demo --')
  .description(
    'Copies an embedded TimescaleDB to an embedded PostgreSQL, kills the worker on the way, changes the source, copies ' +
      'again, reconciles what changed far behind, and compares both ends. Needs nothing installed; takes under a minute.',
  )
  .option('--keep', "leave everything running at the end, with Temporal's web page, until Ctrl-C")
  .option('--json', 'print one JSON object at the end to stdout, everything else to stderr')
  .addHelpText(
    'after',
    '\nExit codes: 0 both ends were equal, 1 they were not or something failed, 2 usage, 130 interrupted.',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const { keep = false, json = false } = program.opts<{ keep?: boolean; json?: boolean }>();
let killed = 0;
const report = new Report(json ? process.stderr : process.stdout);

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of SIGNALS) process.on(signal, () => resolve('interrupted'));
});

async function main(): Promise<number> {
  const outcome = await Promise.race([
    interrupted,
    tellStory(report, { keep, onKill: () => killed++ }).catch(failure),
  ]);
  if (outcome === 'interrupted') {
    report.interrupt('Interrupted: ending everything.');
    return 130;
  }
  if (json)
    process.stdout.write(
      `${JSON.stringify({ ...outcome, seconds: roundSeconds(performance.now() / 1000) })}\n`,
    );
  if (keep && outcome.error === undefined) {
    report.write('Ctrl-C ends it all, and removes it.');
    // A promise alone does not keep a process alive.
    setInterval(() => undefined, 60_000);
    await interrupted;
  }
  return outcome.ok ? 0 : 1;
}

function failure(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  report.stopMoving();
  report.wrong(message);
  return { ok: false, killed, tables: [], error: message };
}

void main().then(async (exitCode) => {
  await stopEmbedded();
  process.exit(exitCode);
});
