import type { Random } from '../../test/support/random';
import { digits, integer, sign } from './fuzz-numbers';
import type { Fuzz } from './fuzz-text';

const two = (value: number): string => String(value).padStart(2, '0');

/** Year 0 is 1 BC. */
function day(random: Random, year: number): [date: string, era: string] {
  const shown = year > 0 ? year : 1 - year;
  const date = `${String(shown).padStart(4, '0')}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`;
  return [date, year > 0 ? '' : ' BC'];
}

function year(random: Random, most: number): number {
  const kind = random.below(10);
  if (kind < 5) return random.between(1900, 2100);
  return kind < 8 ? random.between(1, most) : random.between(-4711, 0);
}

const fraction = (random: Random): string =>
  random.pick(['', `.${digits(random, 6, 6)}`, '.000001', '.999999', '.1']);
const clock = (random: Random): string =>
  `${two(random.below(24))}:${two(random.below(60))}:${two(random.below(60))}${fraction(random)}`;
const offset = (random: Random): string =>
  random.pick(['+00', '-03:30', '+05:45', '+14', '-15:59:59', '+15:59:59', '-00:00:01', '+02']);

/** The year is chosen where it is not given. */
export const date = (random: Random, inYear?: number): string =>
  inYear === undefined && random.chance(0.1)
    ? random.pick(['infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', '0001-01-01', '0001-12-31 BC'])
    : day(random, inYear ?? year(random, 5_874_896)).join('');

export function timestamp(random: Random, inYear?: number): string {
  if (inYear === undefined && random.chance(0.1))
    return random.pick([
      'infinity',
      '-infinity',
      '4713-11-24 00:00:00 BC',
      '294276-12-31 23:59:59.999999',
      '2000-01-01 00:00:00',
    ]);
  const [on, era] = day(random, inYear ?? year(random, 294_275));
  return `${on} ${clock(random)}${era}`;
}

export function timestamptz(random: Random, inYear?: number): string {
  if (inYear === undefined && random.chance(0.1))
    return random.pick([
      'infinity',
      '-infinity',
      '4713-11-24 00:00:00+00 BC',
      '294276-12-31 23:59:59.999999+00',
      '1970-01-01 00:00:00+00',
    ]);
  const [on, era] = day(random, inYear ?? year(random, 294_275));
  return `${on} ${clock(random)}${offset(random)}${era}`;
}

export const time: Fuzz = (random) =>
  random.chance(0.1) ? random.pick(['00:00:00', '24:00:00', '23:59:59.999999']) : clock(random);
export const timetz: Fuzz = (random) => `${time(random)}${offset(random)}`;

export function interval(random: Random): string {
  if (random.chance(0.1))
    return random.pick(['0', '178000000 years', '-178000000 years', '2147483647 days', '1 mon -30 days']);
  const part = (unit: string, most: number): string =>
    random.chance(0.6) ? `${random.between(-most, most)} ${unit} ` : '';
  return `${part('years', 20_000)}${part('mons', 11)}${part('days', 100_000)}${sign(random)}${clock(random)}`;
}

/** Two days or instants, the earlier first. */
export const ordered =
  (
    value: (random: Random, inYear?: number) => string,
    most: number,
  ): ((random: Random) => [string, string]) =>
  (random) => {
    const lower = random.between(-4711, most - 1);
    return [value(random, lower), value(random, random.between(lower + 1, most))];
  };

export const orderedIntegers =
  (bits: 32 | 64): ((random: Random) => [string, string]) =>
  (random) => {
    // The greatest has no next value, which an included bound would need.
    const [a, b] = [BigInt(integer(bits)(random)), BigInt(integer(bits)(random))];
    const most = 2n ** BigInt(bits - 1) - 2n;
    const [lower, upper] = a < b ? [a, b] : [b, a];
    return [String(lower > most ? most : lower), String(upper > most ? most : upper)];
  };
