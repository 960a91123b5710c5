import { type Command, Option } from 'commander';
import { collect, type CommonOptions, fileName, type Finish, withCommonOptions } from './options';

export interface DiscoverOptions extends CommonOptions {
  from?: string;
  url?: string;
  schema?: string[];
  all?: boolean;
}

export function addDiscover(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('discover')
      .description('show what tables the source has, their sizes, and how each could be configured'),
    'print everything as JSON',
  )
    .addOption(
      new Option(
        '--from <file>',
        'configuration.json that says where the source is, instead of the configuration',
      )
        .conflicts('url')
        .argParser(fileName),
    )
    .option('--url <url>', 'where the source is; better in SOURCE_URL, since other users can see arguments')
    .option(
      '-s, --schema <schema>',
      'only tables of this schema, named as in SQL; may be given several times',
      collect,
    )
    .option('--all', 'show every table, not only the 50 largest')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark discover
  $ tidemark discover --schema telemetry --all
  $ tidemark discover --from configuration.json --json

The source is that of the configuration file; where there is no such file, that of SOURCE_URL. Nothing is changed, and
the destination is not asked. Rows are the planner's estimate. How long the first load takes is estimated from a read of
the largest table, for a second at most: reading alone, over one connection.

Exit codes: 0 shown, 3 configuration, 4 connection.`,
    )
    .action(async (options: DiscoverOptions) => {
      const { runDiscover } = await import('./run-discover.js');
      finish(await runDiscover(options));
    });
}
