import type { Command } from 'commander';
import { type Finish, withCommonOptions } from './options';
import type { SteerOptions } from './run-steer';

export function addResume(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program.command('resume').description('let a paused run begin batches again, of one table or of all'),
    'print the answer as JSON',
  )
    .option('-t, --table <table>', 'only this table, named as in SQL')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark resume\n  $ tidemark resume --table public.sensor_data\n\nWithout a table it also resumes those that were paused by themselves.\n\nExit codes: 0 done, 2 no such table, 4 connections or no worker, 8 no run or table is in a state for it.',
    )
    .action(async (options: SteerOptions) => {
      const { runSteer } = await import('./run-steer.js');
      finish(await runSteer(options, 'resume'));
    });
}
