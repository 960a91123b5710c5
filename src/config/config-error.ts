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

  constructor(readonly problems: ConfigProblem[]) {
    super(
      problems
        .map(({ where, message, remedy }) => oneLine(hideUrls(`${where}: ${message}. ${remedy}`)))
        .join('\n'),
    );
  }
}
