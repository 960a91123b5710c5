import fc from 'fast-check';
import {
  IdentifierError,
  formatIdentifier,
  formatName,
  matchesPattern,
  parseColumnName,
  parseTableName,
  parseTablePattern,
  quoteIdentifier,
  quoteTable,
} from '../../src/postgres/identifiers';

/** Any name that PostgreSQL can hold. */
const anyName = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 63 }),
    fc.stringMatching(/^[a-zA-Z_"*?. ]{1,20}$/),
  )
  .filter((name) => !name.includes('\0') && Buffer.byteLength(name) <= 63);

test('whatever the name, what is printed is read back as that name', () => {
  fc.assert(
    fc.property(fc.option(anyName, { nil: undefined }), anyName, (schema, name) => {
      expect(parseTableName(formatName({ schema, name }))).toEqual({ schema, name });
      expect(parseColumnName(formatIdentifier(name))).toBe(name);
      expect(parseColumnName(quoteIdentifier(name))).toBe(name);
    }),
  );
});

test.each([
  ['public.sensor_data', { schema: 'public', name: 'sensor_data' }],
  ['Public.Sensor_Data', { schema: 'public', name: 'sensor_data' }],
  ['public."Odd ""name"""', { schema: 'public', name: 'Odd "name"' }],
  ['sensor_data', { schema: undefined, name: 'sensor_data' }],
  [' "a.b" . c$1 ', { schema: 'a.b', name: 'c$1' }],
  ['"weird*"', { schema: undefined, name: 'weird*' }],
  ['größe', { schema: undefined, name: 'größe' }],
  ['ÄRGER', { schema: undefined, name: 'Ärger' }],
])('%s', (written, expected) => {
  expect(parseTableName(written)).toEqual(expected);
});

test.each([
  ['', 'empty'],
  ['""', 'empty'],
  ['a.', 'not a name'],
  ['.a', 'not a name'],
  ['a b', 'not a name'],
  ['a-b', 'not a name'],
  ['1a', 'not a name'],
  ['a"b"', 'not a name'],
  ['"a', 'not closed'],
  ['a.b.c', '3 parts'],
  ['public.sensor_*', 'wildcard'],
  ['"a\0b"', 'NUL'],
  ['x'.repeat(64), '64 bytes'],
  ['ä'.repeat(32), '64 bytes'],
])('%j is refused: %s', (written, reason) => {
  expect(() => parseTableName(written)).toThrow(IdentifierError);
  expect(() => parseTableName(written)).toThrow(reason);
});

test.each(['a.b', 'a*', '"a'])('%s is not a column', (written) => {
  expect(() => parseColumnName(written)).toThrow(IdentifierError);
});

test('quoting for SQL refuses what PostgreSQL would refuse or cut', () => {
  expect(quoteTable({ schema: 'a b', name: 'Odd "x"' })).toBe('"a b"."Odd ""x"""');
  expect(() => quoteIdentifier('a\0')).toThrow('NUL');
  expect(() => quoteIdentifier('')).toThrow('empty');
  expect(() => quoteIdentifier('x'.repeat(64))).toThrow('63');
});

test('names are printed bare only where SQL takes them bare', () => {
  expect(formatName({ schema: 'public', name: 'select' })).toBe('public."select"');
  expect(formatName({ name: 'Sensor' })).toBe('"Sensor"');
  expect(formatName({ schema: 'public', name: 'sensor_1' })).toBe('public.sensor_1');
});

test.each([
  ['public.sensor_*', 'public', 'sensor_data', true],
  ['public.sensor_*', 'public', 'my_sensor_data', false],
  ['public.sensor_?', 'public', 'sensor_1', true],
  ['public.sensor_?', 'public', 'sensor_12', false],
  ['*.a', 'x', 'a', true],
  ['"a*"', 'public', 'ab', false],
  ['"a*"', 'public', 'a*', true],
  ['a', 'other', 'a', false],
  ['a.b$*', 'a', 'b$c', true],
  ['a."x."*', 'a', 'x.y', undefined],
  ['a.*', 'a', 'line\nbreak', true],
])('pattern %s on %s.%s: %s', (written, schema, name, expected) => {
  if (expected === undefined) expect(() => parseTablePattern(written)).toThrow(IdentifierError);
  else expect(matchesPattern(parseTablePattern(written), { schema, name })).toBe(expected);
});
