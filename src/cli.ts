#!/usr/bin/env node
import { Command } from 'commander';
import { addCancel } from './commands/cancel';
import { addCheck } from './commands/check';
import { addDiffConfig } from './commands/diff-config';
import { addInit } from './commands/init';
import { addPause } from './commands/pause';
import { addReconcile } from './commands/reconcile';
import { addResume } from './commands/resume';
import { addResync } from './commands/resync';
import { addRetry } from './commands/retry';
import { addSchedule } from './commands/schedule';
import { addSkip } from './commands/skip';
import { addStatus } from './commands/status';
import { addSync } from './commands/sync';
import { addTune } from './commands/tune';
import { addVerify } from './commands/verify';
import { addWorker } from './commands/worker';
import { version } from './version';

/**
 * The command line: parses, runs one command, and ends with its exit code. Commands are defined in src/commands, one
 * a file; what they do stands in run-*.ts beside them and is loaded when it is needed, so that help comes at once.
 */
async function main(): Promise<number> {
  let exitCode = 0;
  const program = new Command('tidemark')
    .description('Copies time-series and vector tables out of TimescaleDB and PostgreSQL, durably.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(true)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      '\nStart with:\n  $ tidemark init\n  $ tidemark check\n  $ tidemark sync\n\nEvery command has its own help: tidemark sync --help',
    )
    .exitOverride();
  const finish = (code: number): void => void (exitCode = code);
  const run = [addSync, addReconcile, addVerify, addWorker, addStatus, addResync, addSchedule];
  const steer = [addPause, addResume, addSkip, addRetry, addTune, addCancel];
  for (const add of [addInit, addCheck, addDiffConfig, ...run, ...steer]) {
    const command = add(program, finish);
    command.showHelpAfterError(`Try: tidemark ${command.name()} --help`);
  }
  program.showHelpAfterError('Try: tidemark --help');
  try {
    await program.parseAsync();
    return exitCode;
  } catch (error) {
    const { reportError } = await import('./commands/report-error.js');
    return reportError(error, process.argv.includes('--json'));
  }
}

// A reader that leaves early (`tidemark status | head -1`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.stderr.on('error', () => undefined);

// Never a stack trace, whatever a library throws where nobody can catch it.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error: unknown) => {
    void import('./commands/report-error.js').then(({ reportError }) =>
      process.exit(reportError(error, process.argv.includes('--json'))),
    );
  });
}

// Ends here whatever is still open: a pool, a timer, the native core's threads.
void main().then(async (code) => {
  await sendTraces();
  process.exit(code);
});

/** Only where a command has opened them: what they take is not even loaded otherwise. */
async function sendTraces(): Promise<void> {
  const { closeTracing } = await import('./temporal/tracing.js');
  await closeTracing();
}
