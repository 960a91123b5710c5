import { type Command, InvalidArgumentError, Option } from 'commander';
import { listenPort } from './listen-address';
import { collect, type CommonOptions, type Finish, withCommonOptions } from './options';

export interface UiOptions extends CommonOptions {
  port: number;
  host: string;
  expose?: boolean;
  allowHost?: string[];
  temporalUi?: string;
  allowActions?: boolean;
}

export function addUi(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('ui')
      .description('serve a page that shows a sync, live; it only looks, unless told otherwise'),
    'print the address as JSON',
  )
    .addOption(
      new Option('-p, --port <port>', 'port of the page; 0 takes any that is free')
        .default(8234)
        .argParser(listenPort),
    )
    .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .option('--expose', 'allow an address that others can reach: there is no login')
    .option(
      '--allow-host <name>',
      'a name under which the page is asked for; may be given several times',
      collect,
    )
    .addOption(
      new Option('--temporal-ui <url>', "Temporal's own page, for links into it").argParser(parseUrl),
    )
    .option('--allow-actions', 'let the page start and steer runs; on this machine alone')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark ui\n  $ tidemark ui --port 0 --temporal-ui http://localhost:8233\n  $ tidemark ui --host 0.0.0.0 --expose --allow-host tidemark.plant.example\n  $ tidemark ui --allow-actions\n\nWithout --allow-actions it starts nothing and changes nothing. It looks only while somebody has the page open. What the page shows is\nserved as JSON at /api/snapshot. Ctrl-C ends it.',
    )
    .action(async (options: UiOptions) => {
      const { runUi } = await import('./run-ui.js');
      finish(await runUi(options));
    });
}

/** Only what a browser can open: anything else would be a link to be clicked all the same. */
function parseUrl(text: string): string {
  if (URL.canParse(text) && /^https?:\/\/[^/]/.test(text)) return text;
  throw new InvalidArgumentError('Write an address such as http://localhost:8233.');
}
