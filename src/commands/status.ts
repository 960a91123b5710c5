import type { Command } from 'commander';
import { type CommonOptions, type Finish, withCommonOptions } from './options';

export function addStatus(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('status')
      .description("show each table's watermark and lag, what runs, and what holds the horizon back"),
    'print it as JSON',
  )
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark status\n  $ tidemark status --json\n\nIt starts nothing and changes nothing.',
    )
    .action(async (options: CommonOptions) => {
      const { runStatus } = await import('./run-status.js');
      finish(await runStatus(options));
    });
}
