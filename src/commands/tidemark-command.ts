import { Command } from 'commander';
import { hideUrls } from '../plan/hide-urls';
import { oneLine } from '../plan/one-line';

/**
 * A command whose errors repeat no value: one that was given in the wrong place, as in `--password=…`, may be a secret.
 */
export class TidemarkCommand extends Command {
  override createCommand(name?: string): Command {
    return new TidemarkCommand(name);
  }

  override error(message: string, options?: Parameters<Command['error']>[1]): never {
    const shown = message
      .replace(/^(error: unknown option '-[^-])[^']*/s, '$1')
      .replace(/^(error: unknown option '--[\w-]{0,40})[^']*/s, '$1')
      .replace(/ (argument|value) '.*'( from env '\w+')? is invalid/s, ' $1$2 is invalid');
    const [what = '', ...suggestion] = shown.split('\n');
    return super.error([what, ...suggestion].map((line) => oneLine(hideUrls(line))).join('\n'), options);
  }
}
