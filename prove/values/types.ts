import { arrayOf, arrayText, multirangeOf, nested, pair, rangeOf, rowText } from './fuzz-containers';
import * as numbers from './fuzz-numbers';
import * as places from './fuzz-places';
import * as texts from './fuzz-text';
import type { Fuzz } from './fuzz-text';
import * as times from './fuzz-times';

/** A type, hostile values of it, and more of them at random; all as its input takes them. */
export interface TypeSample {
  /** Of its column. */
  name: string;
  type: string;
  /** Its binary form may pass through unread: a table of those alone takes the lane of binary COPY. */
  binary: boolean;
  values: string[];
  fuzz: Fuzz;
}

/** Kept out of line, where a row is too long for its page. */
const MEGABYTE = 'Ω\\ \t'.repeat(200_000);
const HUNDRED_DIGITS = '1234567890'.repeat(10);
const LONGEST_NUMERIC = `-${'9'.repeat(131_072)}.${'1'.repeat(16_383)}`;

const same = (type: string, fuzz: Fuzz, ...values: string[]) => ({ type, binary: true, values, fuzz });
const other = (type: string, fuzz: Fuzz, ...values: string[]) => ({ type, binary: false, values, fuzz });
const oneOf =
  (...values: string[]): Fuzz =>
  (random) =>
    random.pick(values);

const boolean = oneOf('t', 'f');
const int4range = rangeOf(times.orderedIntegers(32));
const int8range = rangeOf(times.orderedIntegers(64));
const tstzrange = rangeOf(times.ordered(times.timestamptz, 294_275));
const tsrange = rangeOf(times.ordered(times.timestamp, 294_275));
const daterange = rangeOf(times.ordered(times.date, 5_874_896));
const numrange = rangeOf((random) => [
  numbers
    .decimal(
      20,
      5,
    )(random)
    .replace(/^-?(.*)$/, '-$1')
    .replace('-NaN', '-1'),
  numbers.positive(random),
]);
const moods = ['sad', 'it\'s \t "ok"', 'NULL', '{', '\\N', 'ü,'];
const mood = oneOf(...moods);
const atMost =
  (length: number): Fuzz =>
  (random) =>
    texts.text(random, length);

const scalars = [
  same('boolean', boolean, 't', 'f'),
  same('smallint', numbers.integer(16), '-32768', '32767'),
  same('integer', numbers.integer(32), '-2147483648', '2147483647'),
  same('bigint', numbers.integer(64), '-9223372036854775807', '9223372036854775807', '9007199254740993'),
  same('real', numbers.real, 'NaN', '-0', '0', 'Infinity', '1.17549435e-38', '3.4028235e38', '0.1'),
  same(
    'double precision',
    numbers.double,
    ...['NaN', '-0', '0', '-Infinity', '5e-324', '1.7976931348623157e308', '0.30000000000000004'],
  ),
  same(
    'numeric',
    numbers.numeric,
    ...['NaN', 'Infinity', '-Infinity', '1.0', '1.00', '0.000', HUNDRED_DIGITS],
    ...[`-0.${HUNDRED_DIGITS}`, `${HUNDRED_DIGITS}.${HUNDRED_DIGITS}`, LONGEST_NUMERIC],
  ),
  same('numeric(30,10)', numbers.decimal(20, 10), '-12345678901234567890.0123456789'),
  same('numeric(6,-2)', numbers.decimal(7, 0), '99999900', '-100', 'NaN'),
  same('numeric(3,5)', (random) => `${numbers.sign(random)}0.00${numbers.digits(random, 1, 3)}`, '0.00999'),
  same(
    'text',
    texts.text,
    ...['', ' ', 'a\tb\nc\rd\r\ne\\f\bg\fh\vi', '\\N', '\\.', '\n\\.\n', 'NULL'],
    ...['"{},()\'$$', '👩‍👩‍👧 e\u0301 \u2028 \uFEFF', '\u0001\u007f', '2026-03-04', MEGABYTE],
  ),
  same('character varying', texts.text, '', '\\'),
  same('character varying(20)', atMost(20), 'ünï  ', ''),
  same('character(5)', atMost(5), 'a', ''),
  same('bpchar', texts.text, 'a  ', ''),
  same('bytea', texts.bytea, '\\x', '\\x00ff5c4e0a5c2e0a09', `\\x${'00'.repeat(100_000)}`),
  same('uuid', places.uuid, '00000000-0000-0000-0000-000000000000', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
  same(
    'json',
    texts.json,
    '{"a": 1,  "a": 2, "n": 12345678901234567890.000}',
    ...['  null ', '"\\u00e9\\n"', '"\\u0000"', '1E400'],
  ),
  same(
    'jsonb',
    texts.json,
    '{"a": 1, "a": 2, "n": 12345678901234567890.000, "b": [1.0, 1.00, -0.0]}',
    ...['null', '1E400'],
  ),
  same(
    'date',
    times.date,
    ...['0001-01-01', '0001-01-01 BC', '4713-01-01 BC', '5874897-12-31', 'infinity', '-infinity'],
  ),
  same('time without time zone', times.time, '00:00:00.000001', '24:00:00'),
  same('time(0) without time zone', times.time, '23:59:59.4'),
  same('time with time zone', times.timetz, '23:59:59.999999-15:59:59', '00:00:00+14'),
  same(
    'timestamp without time zone',
    times.timestamp,
    ...['0001-01-01 00:00:00', '4713-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999'],
    ...['infinity', '-infinity', '2026-03-04 05:06:07.000001'],
  ),
  // The last microsecond of all would be rounded up to an instant that PostgreSQL's input refuses.
  same(
    'timestamp(3) without time zone',
    (random) => times.timestamp(random).replace(/^(294276.*)\.999999/, '$1.999'),
    '2026-03-04 05:06:07.0005',
  ),
  same(
    'timestamp with time zone',
    times.timestamptz,
    ...['0001-01-01 00:00:00+00', '0044-03-15 00:00:00+00 BC', '294276-12-31 23:59:59.999999+00'],
    ...['infinity', '-infinity', '2026-10-25 02:30:00.123456+02', '2026-03-04 05:06:07+05:45'],
  ),
  same(
    'interval',
    times.interval,
    ...['1 year -2 months 3 days -04:05:06.000007', '178000000 years', '0', 'infinity', '-infinity'],
    ...['1 month -30 days', '-2562047788:00:54.775807', '2562047788:00:54.775807'],
  ),
  same('interval day to second(3)', times.interval, '1 day 00:00:00.0015'),
  same('inet', places.inet, '192.168.0.1/24', '::1', '2001:db8::ff00:42:8329/64', '10.0.0.1'),
  same('cidr', places.cidr, '10/8', '2001:db8::/32'),
  same('macaddr', places.macaddr(6), '08:00:2b:01:02:03'),
  same('macaddr8', places.macaddr(8), '08:00:2b:01:02:03:04:05'),
  same('bit(3)', places.bits(3), '101'),
  same('bit varying', places.bits(0, 70), '', '10'.repeat(40)),
  same('point', places.point, '(1e-320, NaN)', '(-0, Infinity)'),
  same('line', places.line, '{1, -2, 3.3}'),
  same('lseg', places.lseg, '[(0, 0), (1, 1)]'),
  same('box', places.box, '(1, 1), (0, 0)'),
  same('path', places.path, '[(0, 0), (1, 1)]', '((0, 0), (1, 1))'),
  same('polygon', places.polygon, '((0, 0), (0, 1), (1, 1))'),
  same('circle', places.circle, '<(1, 2), 3.5>'),
];

const arrays = [
  same(
    'integer[]',
    arrayOf(numbers.integer(32)),
    ...['{}', '{1, NULL, 3}', '[-2:0]={1,2,3}', '{{1,2},{3,NULL}}', '[1:1][3:4]={{5,6}}'],
  ),
  same('boolean[]', arrayOf(boolean), '{t,NULL}'),
  same('bigint[]', arrayOf(numbers.integer(64)), '{9223372036854775807}'),
  same(
    'text[]',
    arrayOf(texts.word),
    arrayText(['', null, 'NULL', 'a,b', '{}', '"', '\\', '\t\n', ' ']),
    arrayText([
      ['a', 'b'],
      ['c', null],
    ]),
  ),
  same('character(5)[]', arrayOf(atMost(5)), '{a}'),
  same('numeric[]', arrayOf(numbers.numeric), `{NaN, 1.0, 1.00, ${HUNDRED_DIGITS}}`),
  same(
    'timestamp with time zone[]',
    arrayOf(times.timestamptz),
    '{infinity, NULL, 0001-01-01 00:00:00+00 BC}',
  ),
  same('date[]', arrayOf(times.date), '{-infinity}'),
  same('interval[]', arrayOf(times.interval), '{0}'),
  same('uuid[]', arrayOf(places.uuid), '{NULL}'),
  same('inet[]', arrayOf(places.inet), '{::1}'),
  same('json[]', arrayOf(texts.json), arrayText(['{"a" :1}', 'null'])),
  same('jsonb[]', arrayOf(texts.json), arrayText(['{"a": "\\"b\\""}', 'null', null])),
  same('bytea[]', arrayOf(texts.bytea), arrayText(['\\x00', '\\x5c'])),
  same('real[]', arrayOf(numbers.real), '{NaN,-0}'),
  same('double precision[]', arrayOf(numbers.double), '{NaN, -0, Infinity}'),
  same('bit varying[]', arrayOf(places.bits(0, 9)), '{101,""}'),
  same('point[]', arrayOf(places.point), arrayText(['(NaN,-0)'])),
  other('box[]', arrayOf(places.box, ';'), '{(1,1),(0,0);(2,2),(1,1)}'),
  other('name[]', arrayOf(texts.word), '{NULL}'),
  other('money[]', arrayOf(numbers.money), '{-0.01}'),
];

const ofPostgres = [
  other('money', numbers.money, '-92233720368547758.08', '1234.5'),
  other('name', texts.text, 'n'.repeat(63), 'a b'),
  other('"char"', (random) => String.fromCharCode(random.between(1, 126)), 'a', '\\377', ''),
  other('oid', numbers.unsigned, '4294967295', '0'),
  other('xid', numbers.unsigned, '4294967295'),
  other('cid', numbers.unsigned, '0'),
  other('pg_lsn', places.pgLsn, 'FFFFFFFF/FFFFFFFF', '0/0'),
  other('xid8', numbers.unsigned64, '18446744073709551615'),
  other('tid', places.tid, '(4294967295,65535)'),
  other('pg_snapshot', places.snapshot, '10:20:10,14,15'),
  other('txid_snapshot', places.snapshot, '1:1:'),
  other('tsvector', texts.tsvector, "'a b':1A,2B 'c''d':3", ''),
  other('tsquery', texts.tsquery, "'fat' & ( 'rat':A | !'cat' ) <-> 'x'", ''),
  other('jsonpath', texts.jsonpath, 'strict $."a"[*] ? (@ > 1.0)'),
  other('xml', texts.xml, '<a b="c">&amp; <!-- d --></a>', 'no element'),
  other('refcursor', texts.text, '<unnamed portal 1>'),
  other('int4range', int4range, '[1,10)', 'empty', '(,5]', '(,)'),
  other('int8range', int8range, '[-9223372036854775807,9223372036854775807)'),
  other('numrange', numrange, '(1.0,1.00]', '[NaN,NaN]', '[-Infinity,Infinity)'),
  other('tsrange', tsrange, '[-infinity,infinity]'),
  other('tstzrange', tstzrange, '[0001-01-01 00:00:00+00 BC, infinity]', '[2026-01-01 00:00:00.000001+00,)'),
  other('daterange', daterange, '[-infinity, 2026-01-01)'),
  other('int4multirange', multirangeOf(int4range), '{(,1),[3,)}'),
  other('int8multirange', multirangeOf(int8range), '{[1,3), [5,9223372036854775807)}', '{}'),
  other('nummultirange', multirangeOf(numrange), '{[1.0,1.00]}'),
  other('tsmultirange', multirangeOf(tsrange), '{}'),
  other('tstzmultirange', multirangeOf(tstzrange), '{}'),
  other('datemultirange', multirangeOf(daterange), '{}'),
  other(
    'tstzmultirange[]',
    arrayOf(multirangeOf(tstzrange)),
    arrayText(['{[2026-01-01 00:00:00.000001+00,)}', null]),
  ),
  other('int4range[]', arrayOf(int4range), '{"[1,2)", empty, NULL}'),
  other('int2vector', (random) => random.list(0, 4, () => numbers.integer(16)(random)).join(' '), '1 2 3'),
  other('oidvector', (random) => random.list(0, 4, () => numbers.unsigned(random)).join(' '), '1 4294967295'),
  other('regclass', oneOf('pg_class', 'pg_type', 'pg_stat_activity', '-'), 'pg_catalog.pg_class'),
  other('regtype', oneOf('integer[]', 'double precision', '-'), 'timestamp with time zone'),
  other('regprocedure', oneOf('now()', 'left(text,integer)', '-'), 'now()'),
];

/** The source's own; the destination knows hstore alone of them. */
const ofTheSource = [
  other('public.mood', mood, ...moods),
  other('public.mood[]', arrayOf(mood), arrayText(['sad', null, ...moods])),
  other('public.positive', numbers.positive, '1.50', '1.5'),
  other('public.positive[]', arrayOf(numbers.positive), '{1.50,NULL}'),
  other('public.labels', arrayOf(texts.word), '{}', '{NULL}'),
  other('public.pair', pair, rowText(['1', 'a "b", (c)\\\n']), rowText([null, '']), rowText([null, null])),
  other('public.pair[]', arrayOf(pair), arrayText([rowText(['1', 'a,"b"']), null])),
  other('public.nested', nested, rowText([null, '{}', null])),
  other(
    'public.textrange',
    rangeOf((random) => ['', texts.name(random)]),
    '(,"a,b")',
    'empty',
  ),
  other('public.hstore', texts.hstore, '"a b"=>"c\\"d", e=>NULL, ""=>""'),
  other('public.hstore[]', arrayOf(texts.hstore), arrayText(['a=>1', null])),
  other('public.citext', texts.text, 'MiXed', ''),
  other('public.ltree', texts.ltree, 'a.b_C.1', ''),
];

export const samples: TypeSample[] = [...scalars, ...arrays, ...ofPostgres, ...ofTheSource].map(
  (sample, index) => ({ name: `c${String(index).padStart(3, '0')}`, ...sample }),
);

/** What some of the types need at the source. */
export const prerequisites = `
  CREATE TYPE public.mood AS ENUM (${moods.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')});
  CREATE DOMAIN public.positive AS numeric CHECK (value OPERATOR(pg_catalog.>) 0);
  CREATE DOMAIN public.labels AS text[];
  CREATE TYPE public.pair AS (number integer, note text);
  CREATE TYPE public.nested AS (pair public.pair, labels text[], at timestamptz);
  CREATE TYPE public.textrange AS RANGE (subtype = text);
  CREATE EXTENSION hstore SCHEMA public;
  CREATE EXTENSION citext SCHEMA public;
  CREATE EXTENSION ltree SCHEMA public;`;

/** Of the source's extensions the destination knows one. */
export const prerequisitesOfDestination = 'CREATE EXTENSION hstore SCHEMA public';
