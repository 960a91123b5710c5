import { type Command, Option } from 'commander';
import { type CommonOptions, DEFAULT_CONFIG, fileName, type Finish } from './options';

export interface InitOptions extends CommonOptions {
  from?: string;
  force?: boolean;
  yes?: boolean;
}

export function addInit(program: Command, finish: Finish): Command {
  return program
    .command('init')
    .description('write a commented tidemark.yaml, with the tables of the source where it can be reached')
    .addOption(
      new Option('-c, --config <file>', 'file to write')
        .default(DEFAULT_CONFIG, DEFAULT_CONFIG)
        .argParser(fileName),
    )
    .option(
      '--from <file>',
      'configuration.json that says where the source is; without it, SOURCE_URL is tried',
      fileName,
    )
    .option('--force', 'write over a file that is there')
    .option('-y, --yes', 'ask nothing: take what is proposed')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark init --from configuration.json\n  $ SOURCE_URL=postgresql://reader:secret@db.example.com/plant tidemark init\n  $ tidemark init --yes -c plants/north.yaml\n\nOn a terminal it asks which tables, by which columns, and where the destination is; Ctrl-C leaves nothing behind.\nSecrets are never written into it: it refers to the file, or to ${SOURCE_URL}.\n\nExit codes: 0 written, 2 the file is there already, 3 configuration.json or URL, 130 cancelled.',
    )
    .action(async (options: InitOptions) => {
      const { runInit } = await import('./run-init.js');
      finish(await runInit(options));
    });
}
