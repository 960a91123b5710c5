import type { Command, Option } from 'commander';

/** How the last word of a line may go on. */
export interface Completion {
  /** `files`: by the name of a file, which shells complete better by themselves. */
  kind: 'words' | 'files';
  words: { word: string; meaning: string }[];
}

/** The tables of a configuration file, named as in SQL; the default file where none is named. */
export type TablesOf = (file: string | undefined) => Promise<string[]>;

/**
 * Completes the last of a line's words by the command tree. An option's value is a word of its own or joined by `=`;
 * bash makes that `=` a word.
 */
export async function completeWords(
  program: Command,
  line: readonly string[],
  tablesOf: TablesOf,
): Promise<Completion> {
  const ended = line.at(-1) === '=' ? [...line, ''] : line;
  const words = ended.filter((word) => word !== '=');
  const current = words.at(-1) ?? '';
  const earlier = words.slice(0, -1);
  const help = program.createHelp();
  const command = help.visibleCommands(program).find((one) => one.name() === earlier[0]) ?? program;
  const options = help.visibleOptions(command);

  const joined = /^(--[^=]+)=(.*)$/s.exec(current);
  const flag = joined?.[1] ?? earlier.at(-1);
  const option = options.find((one) => one.long === flag || one.short === flag);
  if (option?.required) {
    const found = await valuesOf(option, fileIn(options, earlier), tablesOf);
    return starting(joined ? prefixed(`${option.long ?? ''}=`, found) : found, current);
  }
  if (current.startsWith('-'))
    return starting(
      choices(
        options
          .filter(isFree(earlier))
          .flatMap(({ long, description }) => (long ? [[long, description]] : [])),
      ),
      current,
    );
  if (command !== program) {
    const allowed = earlier.length > 1 ? [] : (command.registeredArguments[0]?.argChoices ?? []);
    return starting(choices(allowed.map((choice) => [choice])), current);
  }
  if (earlier.length > 0 && earlier[0] !== 'help') return choices([]);
  const commands = help.visibleCommands(program).map((one) => [one.name(), one.description()]);
  return starting(choices(commands), current);
}

function choices(pairs: string[][]): Completion {
  return { kind: 'words', words: pairs.map(([word = '', meaning = '']) => ({ word, meaning })) };
}

async function valuesOf(
  { flags, argChoices }: Option,
  file: string | undefined,
  tablesOf: TablesOf,
): Promise<Completion> {
  if (argChoices) return choices(argChoices.map((choice) => [choice]));
  if (flags.endsWith('<file>')) return { kind: 'files', words: [] };
  if (flags.endsWith('<table>')) return choices((await tablesOf(file)).map((table) => [table]));
  return choices([]);
}

/** Which configuration the line names so far. */
function fileIn(options: readonly Option[], words: readonly string[]): string | undefined {
  const config = options.find(({ long }) => long === '--config');
  const at = words.findLastIndex((word) => word === config?.long || word === config?.short);
  const joined = words.find((word) => word.startsWith('--config='));
  return joined?.slice('--config='.length) ?? (at === -1 ? undefined : words[at + 1]);
}

/** Whether an option may still be given: once, unless it gathers its values. */
function isFree(words: readonly string[]): (option: Option) => boolean {
  return ({ long, short, parseArg }) =>
    parseArg !== undefined || !words.some((word) => word === long || word === short);
}

function prefixed(prefix: string, { kind, words }: Completion): Completion {
  return { kind, words: words.map(({ word, meaning }) => ({ word: prefix + word, meaning })) };
}

function starting({ kind, words }: Completion, start: string): Completion {
  return { kind, words: words.filter(({ word }) => word.startsWith(start)) };
}
