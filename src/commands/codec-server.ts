import { type Command, InvalidArgumentError, Option } from 'commander';
import { listenPort } from './listen-address';
import { collect, type CommonOptions, type Finish, withCommonOptions } from './options';

/** Where Temporal's web page looks for it, when the embedded server serves that. */
export const CODEC_PORT = 8081;

export interface CodecServerCommandOptions extends CommonOptions {
  host: string;
  port: number;
  origin?: string[];
}

export function addCodecServer(program: Command, finish: Finish): Command {
  return withCommonOptions(
    program
      .command('codec-server')
      .description("decrypt for Temporal's web page and command, until it is told to stop"),
    'print the address as JSON',
  )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option('--port <number>', 'port to listen on; 0 for a free one')
        .default(CODEC_PORT)
        .argParser(listenPort),
    )
    .option(
      '--origin <url>',
      "web page that may ask, such as http://localhost:8233; may be given several times (default: the embedded server's)",
      (value: string, previous: string[] | undefined) => collect(origin(value), previous),
    )
    .addHelpText(
      'after',
      "\nExamples:\n  $ tidemark codec-server --origin https://temporal.example.com\n  $ temporal workflow show --codec-endpoint http://127.0.0.1:8081 --workflow-id tidemark:plant\n\nWhoever reaches it can read all that temporal.encryption's keys open: it asks for no password. Beyond loopback, put\na proxy with TLS and authentication before it.",
    )
    .action(async (options: CodecServerCommandOptions) => {
      const { runCodecServer } = await import('./run-codec-server.js');
      finish(await runCodecServer(options));
    });
}

function origin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new InvalidArgumentError('Use scheme, host and port alone, such as http://localhost:8233.');
}
