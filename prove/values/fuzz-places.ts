import type { Random } from '../../test/support/random';
import { double, finite, unsigned } from './fuzz-numbers';
import type { Fuzz } from './fuzz-text';

/* Addresses and shapes. */

const hex = (random: Random, length: number): string =>
  random.bits().toString(16).padStart(8, '0').slice(0, length);

const hextets = (random: Random): string =>
  random.pick([
    '::',
    '::1',
    '::ffff:1.2.3.4',
    random.list(8, 8, () => hex(random, 4)).join(':'),
    `2001:db8::${hex(random, 4)}`,
  ]);

const octets = (random: Random): string => random.list(4, 4, () => random.below(256)).join('.');

export const inet: Fuzz = (random) =>
  random.chance(0.5)
    ? `${octets(random)}${random.chance(0.5) ? `/${random.between(0, 32)}` : ''}`
    : `${hextets(random)}${random.chance(0.5) ? `/${random.between(0, 128)}` : ''}`;

/** No bit may be set to the right of the mask. */
export const cidr: Fuzz = (random) => {
  if (random.chance(0.5))
    return `${random.list(3, 3, () => hex(random, 4)).join(':')}::/${random.between(48, 128)}`;
  const mask = random.between(0, 32);
  const network = mask === 0 ? 0 : (random.bits() & (-1 << (32 - mask))) >>> 0;
  return `${[24, 16, 8, 0].map((shift) => (network >>> shift) & 255).join('.')}/${mask}`;
};

export const macaddr =
  (bytes: 6 | 8): Fuzz =>
  (random) =>
    random.list(bytes, bytes, () => hex(random, 2)).join(':');

export const uuid: Fuzz = (random) =>
  `${hex(random, 8)}-${hex(random, 4)}-${hex(random, 4)}-${hex(random, 4)}-${hex(random, 8)}${hex(random, 4)}`;

export const bits =
  (least: number, most = least): Fuzz =>
  (random) =>
    random.list(least, most, () => random.pick(['0', '1'])).join('');

export const point: Fuzz = (random) => `(${double(random)},${double(random)})`;
const points = (random: Random, least: number, most: number): string =>
  random.list(least, most, () => point(random)).join(',');

export const line: Fuzz = (random) => `{${random.between(1, 9)},${finite(random)},${finite(random)}}`;
export const lseg: Fuzz = (random) => `[${points(random, 2, 2)}]`;
export const box: Fuzz = (random) => points(random, 2, 2);
export const path: Fuzz = (random) =>
  random.chance(0.5) ? `[${points(random, 1, 4)}]` : `(${points(random, 1, 4)})`;
export const polygon: Fuzz = (random) => `(${points(random, 1, 4)})`;
export const circle: Fuzz = (random) =>
  `<${point(random)},${finite(random)
    .replace('-', '')
    .replace(/e(?=3\d\d)/, 'e-')}>`;

export const pgLsn: Fuzz = (random) => `${random.bits().toString(16)}/${random.bits().toString(16)}`;
export const tid: Fuzz = (random) => `(${unsigned(random)},${random.below(65_536)})`;
export const snapshot: Fuzz = (random) => {
  const least = random.between(1, 1_000_000);
  const running = [...new Set(random.list(0, 4, () => least + random.below(50)))].sort((a, b) => a - b);
  return `${least}:${least + 50}:${running.join(',')}`;
};
