import type { Command } from 'commander';
import { type CommonOptions, type Finish, withCommonOptions } from './options';

export interface ResyncOptions extends CommonOptions {
  table: string;
  from?: string;
  to?: string;
}

export function addResync(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('resync')
      .description("forget a table's checkpoint, or that of a range, so that the next sync copies it again"),
    'print what was forgotten as JSON',
  )
    .requiredOption('-t, --table <table>', 'table, named as in SQL')
    .option(
      '--from <value>',
      'forget from this cursor value on: a date, a time (UTC unless an offset is given) or a whole number',
    )
    .option('--to <value>', 'forget up to this cursor value, which is not included')
    .addHelpText(
      'after',
      "\nExamples:\n  $ tidemark resync --table public.sensor_data\n  $ tidemark resync --table public.sensor_data --from 2026-03-01 --to '2026-03-02 12:00:00+01'\n  $ tidemark resync --table events --from 100000\n\nIt copies nothing and asks nothing: run tidemark sync afterwards.",
    )
    .action(async (options: ResyncOptions) => {
      const { runResync } = await import('./run-resync.js');
      finish(await runResync(options));
    });
}
