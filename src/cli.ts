#!/usr/bin/env node
import { main } from './commands/main';

// A reader that leaves early (`tidemark status | head -1`) is no fault.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(0);
  process.stderr.write(
    `Standard output cannot be written (${code}). Make room there, or send it elsewhere.\n`,
  );
  process.exit(1);
});
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
void main(process.argv).then(async (code) => {
  await sendTraces();
  process.exit(code);
});

/** Only where a command has opened them: what they take is not even loaded otherwise. */
async function sendTraces(): Promise<void> {
  const { closeTracing } = await import('./temporal/tracing.js');
  await closeTracing();
}
