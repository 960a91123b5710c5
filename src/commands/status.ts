import type { Command } from 'commander';
import { type CommonOptions, type Finish, withCommonOptions } from './options';

export interface StatusOptions extends CommonOptions {
  watch?: boolean;
}

export function addStatus(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('status')
      .description("show each table's watermark and lag, what runs, and what holds the horizon back"),
    'print it as JSON',
  )
    .option('-w, --watch', 'show it again every two seconds, until Ctrl-C; with --json one object a line')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark status\n  $ tidemark status --watch\n  $ tidemark status --json\n\nIt starts nothing and changes nothing.',
    )
    .action(async (options: StatusOptions) => {
      const { runStatus } = await import('./run-status.js');
      finish(await runStatus(options));
    });
}
