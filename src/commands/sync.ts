import type { Command } from 'commander';
import { collect, type CommonOptions, type Finish, withCommonOptions } from './options';

export interface SyncOptions extends CommonOptions {
  table?: string[];
}

export function addSync(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program.command('sync').description('copy what is new, and follow the run to its end'),
    'print the summary alone, as JSON',
  )
    .option(
      '-t, --table <table>',
      'copy only this table, named as in SQL; may be given several times',
      collect,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark sync\n  $ tidemark sync --table public.sensor_data --table \'public."Odd name"\'\n  $ tidemark sync -c plants/north.yaml --json\n\nWhere no Temporal is configured it runs a durable server in .tidemark/ and a worker of its own. After a crash or\nCtrl-C the next sync goes on where this one stopped; started twice, the second follows the first.\n\nExit codes: 0 all copied, 3 configuration, 4 connections, 5 some table failed, 6 drift, 130 interrupted.',
    )
    .action(async (options: SyncOptions) => {
      const { runSync } = await import('./run-sync.js');
      finish(await runSync(options));
    });
}
