import type { Command } from 'commander';
import { type Finish, withCommonOptions } from './options';
import type { SteerOptions } from './run-steer';

export function addRetry(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('retry')
      .description('plan a table that failed or was skipped again, within the run under way'),
    'print the answer as JSON',
  )
    .requiredOption('-t, --table <table>', 'table, named as in SQL')
    .addHelpText(
      'after',
      '\nExample:\n  $ tidemark retry --table public.sensor_data\n\nIt goes on where it stopped. Where the run has ended: tidemark sync --table TABLE.\n\nExit codes: 0 done, 2 no such table, 4 connections or no worker, 8 no run or table is in a state for it.',
    )
    .action(async (options: SteerOptions) => {
      const { runSteer } = await import('./run-steer.js');
      finish(await runSteer(options, 'retry'));
    });
}
