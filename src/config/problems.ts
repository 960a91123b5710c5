import { closest, distance } from 'fastest-levenshtein';
import { escapePattern } from '../plan/escape-pattern';
import { hideUrls } from '../plan/hide-urls';
import { oneLine } from '../plan/one-line';
import type { ConfigProblem } from './config-error';

/** Where a value stands in a file: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** `tables[0].name` */
function formatPath(path: Path): string {
  return path
    .map((part, i) =>
      typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${isKey(part) ? part : '…'}`,
    )
    .join('');
}

/** A map or a list as a key, or what is as long as no key is, may hold anything. */
function isKey(part: string): boolean {
  return part.length <= 100 && !/[{}[\]:]/.test(part);
}

/**
 * Gathers what is wrong, so that a reader sees it all at once. A problem that only follows from an earlier one (the
 * same value, or one within or around it) is left out.
 */
export class Problems {
  readonly list: ConfigProblem[] = [];
  private readonly reported: Path[] = [];
  private readonly secrets = new Map<string, string>();

  constructor(
    private readonly file: string,
    private readonly lineOf: (path: Path) => number | undefined,
  ) {}

  add(path: Path, message: string, remedy: string): void {
    if (this.reported.some((other) => isWithin(other, path) || isWithin(path, other))) return;
    this.reported.push(path);
    const line = this.lineOf(path);
    const where = [line === undefined ? this.file : `${this.file}:${line}`, formatPath(path)]
      .filter(Boolean)
      .join(' ');
    this.list.push({
      where: oneLine(this.redact(where)),
      message: this.redact(message),
      remedy: this.redact(remedy),
    });
  }

  /** From here on `value` is shown as `shown` wherever a message would hold it. */
  hide(value: string, shown: string): void {
    if (value.length > 2) this.secrets.set(value, shown);
  }

  /** Takes the problems of another file that this one refers to. */
  include(other: Problems): void {
    this.list.push(...other.list);
  }

  private redact(text: string): string {
    let redacted = text;
    // Names are folded to lower case.
    for (const [value, shown] of this.secrets)
      redacted = redacted.replace(new RegExp(escapePattern(value), 'gi'), () => shown);
    return oneLine(hideUrls(redacted));
  }
}

/** `Did you mean 'lookback'?`, or all that it can be where nothing is near. */
export function suggest(written: string, known: readonly string[]): string {
  const nearest = closest(
    written.toLowerCase(),
    known.map((key) => key.toLowerCase()),
  );
  const key = known.find((one) => one.toLowerCase() === nearest);
  if (key !== undefined && distance(written.toLowerCase(), nearest) <= Math.max(2, key.length / 3)) {
    return `Did you mean '${key}'?`;
  }
  return `It can be ${known.join(', ')}`;
}

function isWithin(inner: Path, outer: Path): boolean {
  return outer.every((part, i) => inner[i] === part);
}
