import type { Random } from '../../test/support/random';

/** Gives a value in the form that PostgreSQL's input of its type takes. */
export type Fuzz = (random: Random) => string;

/** What COPY, arrays, rows, JSON and SQL give a meaning of their own. */
const pieces = [
  ...['\\N', '\\.', '\n\\.\n', '\\', '\\\\', '\\x', '\\000', '\t', '\n', '\r', '\r\n', '\b', '\f', '\v', ' '],
  ...['"', '""', "'", "''", '{', '}', ',', ';', '(', ')', '[', ']', 'NULL', 'null', 'infinity', 'empty'],
  ...['$1', '$$', '--', '/*', '%s', ':', '=>', '2026-03-04', '1e400', '\ufeff', '\u2028', '\u0001', '\u007f'],
  ...['ß', 'e\u0301', '👩‍👩‍👧', '\u202e', 'İ', '␀'],
];

/** One range for each kind of code points; surrogates and NUL are none of PostgreSQL's. */
const codePoints: [number, number][] = [
  [0x01, 0x1f], // controls
  [0x7f, 0x9f],
  [0xa0, 0x24f], // Latin
  [0x300, 0x36f], // combining
  [0x590, 0x6ff], // right to left
  [0x900, 0x97f],
  [0x2000, 0x206f], // spaces and directions
  [0x3040, 0x30ff],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xe000, 0xf8ff], // private use
  [0xfdd0, 0xfdef], // noncharacters
  [0xfe00, 0xfe0f], // variation selectors
  [0xfff0, 0xffff],
  [0x10000, 0x1fbff],
  [0x20000, 0x2fa1f],
  [0xe0001, 0xe01ef], // tags
  [0xf0000, 0x10ffff],
];

/** At most `most` UTF-16 units. */
export function text(random: Random, most = 16): string {
  const wanted = random.between(0, most);
  let made = '';
  let length = 0;
  while (length < wanted) {
    const kind = random.below(3);
    const piece =
      kind === 0
        ? random.pick(pieces)
        : kind === 1
          ? String.fromCharCode(random.between(0x20, 0x7e))
          : String.fromCodePoint(random.between(...random.pick(codePoints)));
    length += piece.length;
    if (length > wanted) break;
    made += piece;
  }
  return made;
}

export const word = (random: Random): string => text(random, 8);

/** Not empty. */
export const name = (random: Random): string => `${random.pick('abcXYZ_'.split(''))}${text(random, 8)}`;

/** Letters, digits and `_` alone. */
export const label = (random: Random): string =>
  random.list(1, 6, () => random.pick('abzABZ019_'.split(''))).join('');

export const bytea: Fuzz = (random) =>
  `\\x${random.list(0, 16, () => random.below(256).toString(16).padStart(2, '0')).join('')}`;

const space = (random: Random): string => random.pick(['', '', '', ' ', '\n', '\t  ', '\r\n']);

function jsonString(random: Random): string {
  const plain = JSON.stringify(text(random, 10));
  return random.chance(0.2) ? `"\\u00e9\\/\\ud83d\\ude00${plain.slice(1)}` : plain;
}

function jsonNumber(random: Random): string {
  const digits = String(random.bits());
  return random.pick([
    '0',
    '-0',
    '-0.0',
    '1.0',
    '1.00',
    '1E40',
    '-1.5e-40',
    '12345678901234567890.000',
    digits,
    `0.${digits}`,
  ]);
}

/** Odd spaces, doubled keys, numbers that a float does not hold. */
export function json(random: Random, depth = 2): string {
  const kind = random.below(depth > 0 ? 6 : 4);
  const [before, after] = [space(random), space(random)];
  const within = (): string => json(random, depth - 1);
  const members = (): string =>
    random
      .list(0, 3, () => `${space(random)}${random.chance(0.5) ? '"a"' : jsonString(random)}:${within()}`)
      .join(',');
  const value = [
    () => random.pick(['null', 'true', 'false']),
    () => jsonNumber(random),
    () => jsonString(random),
    () => random.pick(['{}', '[]', '""', '[ ]']),
    () => `[${random.list(0, 3, within).join(',')}]`,
    () => `{${members()}}`,
  ][kind] as () => string;
  return `${before}${value()}${after}`;
}

export function xml(random: Random): string {
  const parts = [
    '',
    ' ',
    'ü',
    '&amp;',
    '&#x1F600;',
    '\t\n',
    'a\\b',
    '<i/>',
    '<![CDATA[<&]]>',
    '<!-- c -->',
    '<?p q?>',
  ];
  const body = random.list(0, 4, () => random.pick(parts)).join('');
  if (random.chance(0.3)) return body;
  const attribute = random.pick(['', ' b=""', ' b="&lt;&quot;"', " é='1'"]);
  return `<a${attribute}>${body}</a>`;
}

const lexeme = (random: Random): string => `'${name(random).replaceAll(/['\\]/g, '$&$&')}'`;

export function tsvector(random: Random): string {
  const positions = (): string =>
    random.list(1, 3, () => `${random.between(1, 16383)}${random.pick(['', 'A', 'B', 'C', 'D'])}`).join(',');
  return random.list(0, 4, () => `${lexeme(random)}${random.chance(0.6) ? `:${positions()}` : ''}`).join(' ');
}

export function tsquery(random: Random, depth = 2): string {
  if (depth === 0 || random.chance(0.3)) return `${lexeme(random)}${random.pick(['', ':A', ':*', ':*BD'])}`;
  const [left, right] = [tsquery(random, depth - 1), tsquery(random, depth - 1)];
  return random.chance(0.2) ? `!(${left})` : `(${left} ${random.pick(['&', '|', '<->', '<3>'])} ${right})`;
}

export function jsonpath(random: Random): string {
  const key = JSON.stringify(name(random));
  const start = `${random.pick(['', 'strict ', 'lax '])}$.${key}`;
  const rest = random.pick([
    '',
    '[*]',
    '[0 to last]',
    '.**{2}',
    ' ? (@ > 1.0)',
    '.size()',
    ` ? (@.a == ${key})`,
  ]);
  return `${start}${rest}`;
}

const doubled = (value: string): string => `"${value.replaceAll(/["\\]/g, '\\$&')}"`;

export function hstore(random: Random): string {
  const value = (): string => (random.chance(0.2) ? 'NULL' : doubled(word(random)));
  return random.list(0, 4, () => `${doubled(word(random))}=>${value()}`).join(', ');
}

export const ltree: Fuzz = (random) => random.list(0, 5, () => label(random)).join('.');
