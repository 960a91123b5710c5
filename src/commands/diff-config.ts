import type { Command } from 'commander';
import { type CommonOptions, type Finish, withCommonOptions } from './options';

export function addDiffConfig(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('diff-config')
      .description('what the configuration would change about what was copied so far, before it does'),
    'print it as JSON',
  )
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark diff-config\n  $ tidemark diff-config -c plants/north.yaml --json\n\nIt changes nothing. A table whose key, mode, cursor column or target changed is not copied before it is resynced: rows\nof different meaning never mix.\n\nExit codes: 0 nothing to settle, 3 configuration, 4 connections, 6 some table needs a resync, or its target a change.',
    )
    .action(async (options: CommonOptions) => {
      const { runDiffConfig } = await import('./run-diff-config.js');
      finish(await runDiffConfig(options));
    });
}
