import { Argument, type Command } from 'commander';
import { type CommonOptions, type Finish, withCommonOptions } from './options';

const runs = ['sync', 'reconcile', 'verify'] as const;

export function addCancel(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program.command('cancel').description('cancel the run under way, and wait until it has ended'),
    'print how it ended as JSON',
  )
    .addArgument(new Argument('[run]', 'which run').choices(runs).default('sync'))
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark cancel\n  $ tidemark cancel reconcile\n\nBatches in flight are rolled back; what was committed stays, and the next run goes on from there. A single table:\ntidemark skip.\n\nExit codes: 0 it has ended, 4 connections or no worker, 8 no run is under way.',
    )
    .action(async (run: (typeof runs)[number], options: CommonOptions) => {
      const { runCancel } = await import('./run-steer.js');
      finish(await runCancel(run, options));
    });
}
