import type { Random } from '../../test/support/random';
import type { Fuzz } from './fuzz-text';

/** Around zero, around both ends, or anywhere. */
export function integer(bits: 16 | 32 | 64): Fuzz {
  const most = 2n ** BigInt(bits - 1);
  const spread = 2n ** BigInt(bits);
  return (random) => {
    const kind = random.below(4);
    if (kind === 0) return String(random.between(-3, 3));
    if (kind === 1)
      return String(
        random.chance(0.5) ? most - 1n - BigInt(random.below(3)) : -most + BigInt(random.below(3)),
      );
    if (bits < 64) return String(Math.floor((random.next() - 0.5) * Number(spread)));
    return String(((BigInt(random.bits()) << 32n) | BigInt(random.bits())) - most);
  };
}

/** Without a sign. */
export const unsigned: Fuzz = (random) =>
  random.chance(0.3) ? String(random.below(5)) : String(random.bits());
export const unsigned64: Fuzz = (random) => String((BigInt(random.bits()) << 32n) | BigInt(random.bits()));

const words = new Uint32Array(2);
const float32 = new Float32Array(words.buffer);
const float64 = new Float64Array(words.buffer);
const odd = ['NaN', '-0', '0', 'Infinity', '-Infinity'];

/** Any pattern of bits: denormals as well, and each exponent as often as any other. */
export const real: Fuzz = (random) => {
  if (random.chance(0.15))
    return random.pick([...odd, '1e-45', '1.17549435e-38', '3.4028235e38', '16777217']);
  words[0] = random.bits();
  return String(float32[0]);
};

export const double: Fuzz = (random) => {
  if (random.chance(0.15))
    return random.pick([
      ...odd,
      '5e-324',
      '2.2250738585072014e-308',
      '1.7976931348623157e308',
      '9007199254740993',
    ]);
  words[0] = random.bits();
  words[1] = random.bits();
  return String(float64[0]);
};

/** Not NaN, since nothing lies below or above it. */
export const finite: Fuzz = (random) => {
  const value = double(random);
  return /NaN|Infinity/.test(value) ? '0' : value;
};

export const digits = (random: Random, least: number, most: number): string =>
  random.list(least, most, () => String(random.below(10))).join('');

export const sign = (random: Random): string => random.pick(['', '-']);

export const numeric: Fuzz = (random) => {
  const kind = random.below(8);
  if (kind === 0)
    return random.pick([
      'NaN',
      'Infinity',
      '-Infinity',
      '0',
      '0.000',
      '1.0',
      '1.00',
      '-1',
      '10000',
      '9999.9999',
    ]);
  if (kind === 1) return `${sign(random)}${digits(random, 1, 5)}e${random.between(-60, 60)}`;
  return `${sign(random)}${digits(random, 1, 20)}${random.chance(0.7) ? `.${digits(random, 0, 20)}` : ''}`;
};

/** Of so many digits before and after the point. */
export const decimal =
  (before: number, after: number): Fuzz =>
  (random) =>
    random.chance(0.05) ? 'NaN' : `${sign(random)}${digits(random, 1, before)}.${digits(random, 0, after)}`;

export const positive: Fuzz = (random) =>
  `${random.between(1, 9)}${digits(random, 0, 20)}.${digits(random, 0, 10)}`;

export const money: Fuzz = (random) => {
  const cents = BigInt(integer(64)(random));
  const whole = cents < 0n ? -cents : cents;
  return `${cents < 0n ? '-' : ''}${whole / 100n}.${String(whole % 100n).padStart(2, '0')}`;
};

/** What pgvector's vectors hold: any float4 that is a number, up to `most` in size. */
const element = (random: Random, most: number): string => {
  const value = real(random);
  return /NaN|Infinity/.test(value) || Math.abs(Number(value)) > most ? '-0.1' : value;
};
const HALF = 65_504;

export const vector =
  (dimensions: number, most: number = 3e38): Fuzz =>
  (random) =>
    `[${random.list(dimensions, dimensions, () => element(random, most)).join(',')}]`;

export const halfvec = (dimensions: number): Fuzz => vector(dimensions, HALF);

export const sparsevec =
  (dimensions: number): Fuzz =>
  (random) => {
    const places = [...new Set(random.list(0, 6, () => random.between(1, dimensions)))];
    return `{${places.map((place) => `${place}:${element(random, 3e38)}`).join(',')}}/${dimensions}`;
  };
