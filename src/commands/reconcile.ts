import type { Command } from 'commander';
import { collect, type CommonOptions, type Finish, withCommonOptions } from './options';

/** Options of `reconcile` and `verify`. */
export interface CompareOptions extends CommonOptions {
  table?: string[];
  from?: string;
  to?: string;
}

export interface ReconcileOptions extends CompareOptions {
  full?: boolean;
  allowDeletes?: boolean;
}

export function addReconcile(program: Command, finish: Finish): Command {
  return withRange(
    withCommonOptions(
      program
        .command('reconcile')
        .description(
          'find late rows of any age, updates and deletes behind the watermark, and copy again what differs',
        ),
      'print the summary alone, as JSON',
    ),
  )
    .option('--full', 'compare everything, not only where something may have changed since the last time')
    .option('--allow-deletes', 'delete at the destination what is gone at the source, however much that is')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark reconcile\n  $ tidemark reconcile --full --table public.sensor_data\n  $ tidemark reconcile --from 2026-03-01 --to 2026-04-01\n\nChunks (of a plain table: stretches of the cursor column) that may have changed are compared by count and hash; what\ndiffers is narrowed down to small intervals, and those alone are copied again. What becomes of rows that are gone at\nthe source, the configuration says (deletes, retention, deleteLimit).\n\nExit codes: 0 nothing differs any more, 3 configuration, 4 connections, 5 some table failed, 6 more would be deleted\nthan deleteLimit allows, 7 something still differs, 130 interrupted.',
    )
    .action(async (options: ReconcileOptions) => {
      const { runReconcile } = await import('./run-reconcile.js');
      finish(
        await runReconcile('reconcile', options, {
          depth: options.full ? 'full' : 'hinted',
          repair: true,
          allowDeletes: options.allowDeletes ?? false,
        }),
      );
    });
}

/** Adds which tables, and what of them, are compared. */
export function withRange(command: Command): Command {
  return command
    .option(
      '-t, --table <table>',
      'compare only this table, named as in SQL; may be given several times',
      collect,
    )
    .option(
      '--from <value>',
      'only from this cursor value on: a date, a time (UTC unless an offset is given) or a whole number',
    )
    .option('--to <value>', 'only below this cursor value');
}
