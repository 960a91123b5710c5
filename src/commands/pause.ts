import type { Command } from 'commander';
import { type Finish, withCommonOptions } from './options';
import type { SteerOptions } from './run-steer';

export function addPause(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('pause')
      .description('let the run under way begin no more batches, of one table or of all, until resumed'),
    'print the answer as JSON',
  )
    .option('-t, --table <table>', 'only this table, named as in SQL')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark pause\n  $ tidemark pause --table public.sensor_data\n\nBatches in flight end as usual. A comparison that is under way ends as well. The schedule goes on, and leaves out what\nwould be a second run: tidemark schedule pause.\n\nExit codes: 0 done, 2 no such table, 4 connections or no worker, 8 no run or table is in a state for it.',
    )
    .action(async (options: SteerOptions) => {
      const { runSteer } = await import('./run-steer.js');
      finish(await runSteer(options, 'pause'));
    });
}
