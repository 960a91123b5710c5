import { Argument, type Command } from 'commander';
import type { Finish } from './options';

/** The shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What a shell's script calls with the words of the line, to be told how the last one may go on. */
export const COMPLETE = 'complete-words';

export function addCompletion(program: Command, finish: Finish): Command {
  program
    .command(COMPLETE, { hidden: true })
    .description('print how the last of these words may go on, for the scripts of tidemark completion')
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: string[]) => {
      const { runCompleteWords } = await import('./run-complete-words.js');
      finish(await runCompleteWords(program, words));
    });
  return program
    .command('completion')
    .description('print a script that completes commands, options, files and tables in a shell')
    .addArgument(new Argument('<shell>', 'shell that reads it').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  $ source <(tidemark completion bash)                                       # in ~/.bashrc
  $ source <(tidemark completion zsh)                                        # in ~/.zshrc, after compinit
  $ tidemark completion fish > ~/.config/fish/completions/tidemark.fish

Tables are completed from the configuration that the line names, or ./tidemark.yaml. No server is asked.`,
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion-script.js');
      process.stdout.write(completionScript(shell));
      finish(0);
    });
}
