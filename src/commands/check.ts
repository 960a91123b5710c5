import type { Command } from 'commander';
import { type CommonOptions, type Finish, withCommonOptions } from './options';

export interface CheckOptions extends CommonOptions {
  strict?: boolean;
}

export function addCheck(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('check')
      .description('look at configuration, connections, grants, tables and types before anything runs'),
    'print the findings as JSON',
  )
    .option('--strict', 'let warnings fail as well (exit code 3)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark check\n  $ tidemark check -c plants/north.yaml --json\n\nIt changes nothing. Exit codes: 0 no errors (there may be warnings), 3 configuration or grants, 4 connections, 6 drift.',
    )
    .action(async (options: CheckOptions) => {
      const { runCheck } = await import('./run-check.js');
      finish(await runCheck(options));
    });
}
