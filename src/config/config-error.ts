import { hideUrls } from '../plan/hide-urls';
import { oneLine } from '../plan/one-line';

/** One thing wrong in a configuration: where (file, line and key), what, and what to do about it. */
export interface ConfigProblem {
  where: string;
  message: string;
  remedy: string;
}

/** Everything found wrong in a configuration at once. Its message never holds a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  readonly problems: ConfigProblem[];

  constructor(problems: ConfigProblem[]) {
    const shown = problems.map(({ where, message, remedy }) => ({
      where: tidy(where),
      message: tidy(message),
      remedy: tidy(remedy),
    }));
    super(shown.map(({ where, message, remedy }) => `${where}: ${message}. ${remedy}`).join('\n'));
    this.problems = shown;
  }
}

/** A path may be a URL that went astray, and any of them hold signs that nobody sees. */
function tidy(text: string): string {
  return oneLine(hideUrls(text));
}
