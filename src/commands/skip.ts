import type { Command } from 'commander';
import { type Finish, withCommonOptions } from './options';
import type { SteerOptions } from './run-steer';

export function addSkip(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('skip')
      .description('stop a table in the run under way, and leave the rest of it to the next run'),
    'print the answer as JSON',
  )
    .requiredOption('-t, --table <table>', 'table, named as in SQL')
    .addHelpText(
      'after',
      '\nExample:\n  $ tidemark skip --table public.sensor_data\n\nIts batches in flight are rolled back; what was committed stays, and the next run (or tidemark retry) goes on from there.\nThe other tables go on, and the run does not fail by it.\n\nExit codes: 0 done, 2 no such table, 4 connections or no worker, 8 no run or table is in a state for it.',
    )
    .action(async (options: SteerOptions) => {
      const { runSteer } = await import('./run-steer.js');
      finish(await runSteer(options, 'skip'));
    });
}
