import type { Random } from '../../test/support/random';
import { type Fuzz, text } from './fuzz-text';

/* What holds values of other types, each in the quotes that its container asks for. */

export type Nested = string | null | Nested[];

const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, '\\$&')}"`;

/** An array's text. `separator` is `;` for boxes alone. */
export function arrayText(items: Nested[], separator = ','): string {
  const parts = items.map((item) => {
    if (item === null) return 'NULL';
    return typeof item === 'string' ? quoted(item) : arrayText(item, separator);
  });
  return `{${parts.join(separator)}}`;
}

/** A composite value's text. */
export function rowText(fields: (string | null)[]): string {
  return `(${fields.map((field) => (field === null ? '' : quoted(field))).join(',')})`;
}

/** Of one to three dimensions, whose lower bounds need not be 1, with NULLs; or empty. */
export function arrayOf(fuzz: Fuzz, separator = ','): Fuzz {
  return (random) => {
    if (random.chance(0.1)) return '{}';
    const sizes = random.chance(0.7) ? [random.between(1, 4)] : random.list(2, 3, () => random.between(1, 2));
    const fill = ([size = 1, ...rest]: number[]): Nested[] =>
      Array.from({ length: size }, () => {
        if (rest.length > 0) return fill(rest);
        return random.chance(0.15) ? null : fuzz(random);
      });
    const bounds = sizes.map((size) => {
      const lower = random.between(-3, 3);
      return `[${lower}:${lower + size - 1}]`;
    });
    return `${random.chance(0.25) ? `${bounds.join('')}=` : ''}${arrayText(fill(sizes), separator)}`;
  };
}

/** A range between two bounds of which the first is not greater; either may be missing. */
export function rangeOf(bounds: (random: Random) => [string, string]): Fuzz {
  return (random) => {
    if (random.chance(0.1)) return 'empty';
    const [lower, upper] = bounds(random);
    const from = random.chance(0.15) ? '' : quoted(lower);
    const to = random.chance(0.15) ? '' : quoted(upper);
    return `${random.pick(['[', '('])}${from},${to}${random.pick([']', ')'])}`;
  };
}

export const multirangeOf =
  (range: Fuzz): Fuzz =>
  (random) =>
    `{${random.list(0, 3, () => range(random)).join(',')}}`;

const orNull = (random: Random, value: string): string | null => (random.chance(0.2) ? null : value);

export const pair: Fuzz = (random) =>
  rowText([orNull(random, String(random.bits() | 0)), orNull(random, text(random))]);

export const nested: Fuzz = (random) =>
  rowText([
    orNull(random, pair(random)),
    orNull(random, arrayOf(text)(random)),
    orNull(random, '2026-03-04 05:06:07.000001+00'),
  ]);
