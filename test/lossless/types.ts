/**
 * Hostile values by type, as SQL literals. `binary` says that the type's binary form may pass through unread, so that
 * a table of those alone takes the COPY lane.
 */
export interface TypeSample {
  name: string;
  type: string;
  binary: boolean;
  values: string[];
}

const MEGABYTE = `repeat('Ω\\ \t', 200000)`;
const HUNDRED_DIGITS = '1234567890'.repeat(10);

const same = (type: string, ...values: string[]) => ({ type, binary: true, values });
const other = (type: string, ...values: string[]) => ({ type, binary: false, values });

export const samples: TypeSample[] = [
  same('boolean', `'t'`, `'f'`),
  same('smallint', '-32768', '32767'),
  same('integer', '-2147483648', '2147483647'),
  same('bigint', '-9223372036854775808', '9223372036854775807', '9007199254740993'),
  same('real', `'NaN'`, `'-0'`, `'0'`, `'Infinity'`, `'1.17549435e-38'`, `'3.4028235e38'`, '0.1'),
  same(
    'double precision',
    ...[`'NaN'`, `'-0'`, `'0'`, `'-Infinity'`, `'5e-324'`, `'1.7976931348623157e308'`, '0.1::float8 + 0.2'],
  ),
  same(
    'numeric',
    ...[`'NaN'`, `'Infinity'`, `'-Infinity'`, '1.0', '1.00', '0.000', HUNDRED_DIGITS],
    ...[`-0.${HUNDRED_DIGITS}`, `${HUNDRED_DIGITS}.${HUNDRED_DIGITS}`],
  ),
  same('numeric(30, 10)', '-12345678901234567890.0123456789'),
  same(
    'text',
    ...[
      `''`,
      `' '`,
      `E'a\\tb\\nc\\rd\\r\\ne\\\\f\\bg\\fh\\vi'`,
      `E'\\\\N'`,
      `E'\\\\.'`,
      `E'\\n\\\\.\\n'`,
      `'NULL'`,
    ],
    ...[`'"{},()''$$'`, `'👩‍👩‍👧 e\u0301 \u2028 \uFEFF'`, `E'\\u0001\\u007f'`, `'2026-03-04'`, MEGABYTE],
  ),
  same('character varying(20)', `'ünï  '`, `''`),
  same('character(5)', `'a'`, `''`),
  same('bytea', `'\\x'`, `'\\x00ff5c4e0a5c2e0a09'`, `decode(repeat('00', 100000), 'hex')`),
  same('uuid', `'00000000-0000-0000-0000-000000000000'`, `'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'`),
  same(
    'json',
    `'{"a": 1,  "a": 2, "n": 12345678901234567890.000}'`,
    `'  null '`,
    `'"\\u00e9\\n"'`,
    `'1E400'`,
  ),
  same(
    'jsonb',
    `'{"a": 1, "a": 2, "n": 12345678901234567890.000, "b": [1.0, 1.00, -0.0]}'`,
    `'null'`,
    `'1E400'`,
  ),
  same(
    'date',
    `'0001-01-01'`,
    `'0001-01-01 BC'`,
    `'4713-01-01 BC'`,
    `'5874897-12-31'`,
    `'infinity'`,
    `'-infinity'`,
  ),
  same('time', `'00:00:00.000001'`, `'24:00:00'`),
  same('time with time zone', `'23:59:59.999999-15:59:59'`, `'00:00:00+14'`),
  same(
    'timestamp',
    ...[`'0001-01-01 00:00:00'`, `'4713-11-24 00:00:00 BC'`, `'294276-12-31 23:59:59.999999'`],
    ...[`'infinity'`, `'-infinity'`, `'2026-03-04 05:06:07.000001'`],
  ),
  same(
    'timestamp with time zone',
    ...[`'0001-01-01 00:00:00+00'`, `'0044-03-15 00:00:00+00 BC'`, `'294276-12-31 23:59:59.999999+00'`],
    ...[`'infinity'`, `'-infinity'`, `'2026-10-25 02:30:00.123456+02'`, `'2026-03-04 05:06:07+05:45'`],
  ),
  same(
    'interval',
    ...[
      `'1 year -2 months 3 days -04:05:06.000007'`,
      `'178000000 years'`,
      `'0'`,
      `'infinity'`,
      `'-infinity'`,
    ],
    `'1 month -30 days'`,
  ),
  same('inet', `'192.168.0.1/24'`, `'::1'`, `'2001:db8::ff00:42:8329/64'`, `'10.0.0.1'`),
  same('cidr', `'10/8'`, `'2001:db8::/32'`),
  same('macaddr', `'08:00:2b:01:02:03'`),
  same('macaddr8', `'08:00:2b:01:02:03:04:05'`),
  same('bit(3)', `B'101'`),
  same('bit varying', `B''`, `B'${'10'.repeat(40)}'`),
  same('point', `'(1e-320, NaN)'`, `'(-0, Infinity)'`),
  same('line', `'{1, -2, 3.3}'`),
  same('lseg', `'[(0, 0), (1, 1)]'`),
  same('box', `'(1, 1), (0, 0)'`),
  same('path', `'[(0, 0), (1, 1)]'`, `'((0, 0), (1, 1))'`),
  same('polygon', `'((0, 0), (0, 1), (1, 1))'`),
  same('circle', `'<(1, 2), 3.5>'`),
  same(
    'integer[]',
    `'{}'`,
    `'{1, NULL, 3}'`,
    `'[-2:0]={1,2,3}'`,
    `'{{1,2},{3,NULL}}'`,
    `'[1:1][3:4]={{5,6}}'`,
  ),
  same(
    'text[]',
    `ARRAY['', NULL, 'NULL', 'a,b', '{}', '"', E'\\\\', E'\\t\\n', ' ']`,
    `ARRAY[['a', 'b'], ['c', NULL]]`,
  ),
  same('numeric[]', `'{NaN, 1.0, 1.00, ${HUNDRED_DIGITS}}'`),
  same('timestamp with time zone[]', `'{infinity, NULL, 0001-01-01 00:00:00+00 BC}'`),
  same('jsonb[]', `ARRAY['{"a": "\\"b\\""}', 'null', NULL]::jsonb[]`),
  same('bytea[]', `ARRAY['\\x00', '\\x5c']::bytea[]`),
  same('double precision[]', `'{NaN, -0, Infinity}'`),
  other('box[]', `'{(1,1),(0,0);(2,2),(1,1)}'`),
  other('money', `'-92233720368547758.08'`, `'1234.5'`),
  other('name', `'${'n'.repeat(63)}'`, `'a b'`),
  other('"char"', `'a'`, `'\\377'`, `''`),
  other('oid', '4294967295', '0'),
  other('pg_lsn', `'FFFFFFFF/FFFFFFFF'`, `'0/0'`),
  other('xid8', `'18446744073709551615'`),
  other('tid', `'(4294967295,65535)'`),
  other('pg_snapshot', `'10:20:10,14,15'`),
  other('tsvector', `'''a b'':1A,2B ''c''''d'':3'`, `''`),
  other('tsquery', `'''fat'' & ( ''rat'':A | !''cat'' ) <-> ''x'''`),
  other('jsonpath', `'strict $."a"[*] ? (@ > 1.0)'`),
  other('xml', `'<a b="c">&amp; <!-- d --></a>'`, `'no element'`),
  other('int4range', `'[1,10)'`, `'empty'`, `'(,5]'`, `'(,)'`),
  other('numrange', `'(1.0,1.00]'`),
  other('tstzrange', `'[0001-01-01 00:00:00+00 BC, infinity]'`, `'[2026-01-01 00:00:00.000001+00,)'`),
  other('daterange', `'[-infinity, 2026-01-01)'`),
  other('int8multirange', `'{[1,3), [5,9223372036854775807)}'`, `'{}'`),
  other('tstzmultirange[]', `ARRAY['{[2026-01-01 00:00:00.000001+00,)}', NULL]::tstzmultirange[]`),
  other('int4range[]', `'{"[1,2)", empty, NULL}'`),
  other('int2vector', `'1 2 3'`),
  other('oidvector', `'1 4294967295'`),
  other('regclass', `'pg_catalog.pg_class'`),
  other('regtype', `'timestamp with time zone'`),
  other('public.mood', `'sad'`, `'it''s \t "ok"'`),
  other('public.mood[]', `ARRAY['sad', NULL, 'it''s \t "ok"']::public.mood[]`),
  other('public.positive', '1.50', '1.5'),
  other('public.positive[]', `'{1.50,NULL}'`),
  other('public.pair', `ROW(1, E'a "b", (c)\\\\\\n')`, `ROW(NULL, '')`, `ROW(NULL, NULL)`),
  other('public.pair[]', `ARRAY[ROW(1, 'a,"b"'), NULL]::public.pair[]`),
  other('public.hstore', `'"a b"=>"c\\"d", e=>NULL, ""=>""'::public.hstore`),
  other('public.hstore[]', `ARRAY['a=>1', NULL]::public.hstore[]`),
  other('public.citext', `'MiXed'`, `''`),
].map((sample, index) => ({ name: `c${String(index).padStart(2, '0')}`, ...sample }));

/** What some of the types need. */
export const prerequisites = `
  CREATE TYPE public.mood AS ENUM ('sad', E'it''s \\t "ok"');
  CREATE DOMAIN public.positive AS numeric CHECK (value > 0);
  CREATE TYPE public.pair AS (number integer, note text);
  CREATE EXTENSION hstore SCHEMA public;
  CREATE EXTENSION citext SCHEMA public;`;
