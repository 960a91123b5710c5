import type { Command } from 'commander';
import { CommandError } from './command-error';
import { type Finish, withCommonOptions } from './options';
import { type CompareOptions, withRange } from './reconcile';

export interface VerifyOptions extends CompareOptions {
  repair?: boolean;
  allowDeletes?: boolean;
}

export function addVerify(program: Command, finish: Finish): Command {
  return withRange(
    withCommonOptions(
      program
        .command('verify')
        .description('compare source and destination, everything that was copied, and tell what differs'),
      'print what differs as JSON',
    ),
  )
    .option('--repair', 'copy again what differs, and compare it once more')
    .option('--allow-deletes', 'with --repair: delete what is gone at the source, however much that is')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark verify\n  $ tidemark verify --table public.sensor_data --from 2026-03-01 --to 2026-04-01\n  $ tidemark verify --repair\n\nBoth ends count and hash their rows, as text, below the watermark; no row crosses the network. Rows that a run has yet\nto copy are left out. Without --repair nothing is changed.\n\nExit codes: 0 equal, 3 configuration, 4 connections, 5 some table failed, 6 more would be deleted than deleteLimit\nallows, 7 something differs, 130 interrupted.',
    )
    .action(async (options: VerifyOptions) => {
      if (options.allowDeletes && !options.repair)
        throw new CommandError(
          'usage',
          '--allow-deletes is given without --repair, which alone deletes',
          'Give both, or neither.',
        );
      const { runReconcile } = await import('./run-reconcile.js');
      finish(
        await runReconcile('verify', options, {
          depth: 'full',
          repair: options.repair ?? false,
          allowDeletes: options.allowDeletes ?? false,
        }),
      );
    });
}
