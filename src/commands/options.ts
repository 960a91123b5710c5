import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options of every command. */
export interface CommonOptions {
  config: string;
  json?: boolean;
}

/** Tells the command line which exit code a command came to. */
export type Finish = (exitCode: number) => void;

export const DEFAULT_CONFIG = './tidemark.yaml';

/** Adds what every command that reads one configuration takes. */
export function withCommonOptions(command: Command, json: string): Command {
  return command
    .addOption(
      new Option('-c, --config <file>', 'configuration file')
        .default(DEFAULT_CONFIG, DEFAULT_CONFIG)
        .argParser(fileName),
    )
    .option('--json', json);
}

/** A file's name, which is not empty: that would be the folder. */
export function fileName(value: string): string {
  if (value.trim() !== '') return value;
  throw new InvalidArgumentError('Name a file.');
}

/** Gathers an option that may be given several times. */
export function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}
