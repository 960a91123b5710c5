/** A type as format_type prints it, taken apart: `public.vector(384)[]`. */
export interface PrintedType {
  /** As SQL, quotes included: `public.vector`, `timestamp with time zone`. */
  name: string;
  /** With its parentheses; empty where there is none. */
  modifier: string;
  isArray: boolean;
}

/** Without quotes only what quote_identifier leaves without (PostgreSQL: ruleutils.c). */
const IDENTIFIER = '(?:[a-z_][a-z0-9_]*|"(?:[^"\\0]|"")+")';
/** Numbers and words alone (PostGIS: `(Point,4326)`): no quote, no statement's end. */
const MODIFIER = '\\(-?\\w+(?:, ?-?\\w+)*\\)';
/** The names of several words; a modifier may stand in their middle (PostgreSQL: Data Types, format_type.c). */
const FIELD = '(?:year|month|day|hour|minute|second)';
const SEVERAL_WORDS = [
  'double precision',
  'character varying',
  'bit varying',
  `time(?:stamp)?(?:${MODIFIER})? with(?:out)? time zone`,
  `interval ${FIELD}(?: to ${FIELD})?`,
].join('|');
const PRINTED = new RegExp(
  `^(?<name>${SEVERAL_WORDS}|${IDENTIFIER}(?:\\.${IDENTIFIER})?)(?<modifier>${MODIFIER})?(?<array>\\[\\])?$`,
);

/**
 * Takes a printed type apart; undefined for text that is not one, which must never become SQL: a server that answers
 * what it likes could else have anything run by the role that writes at the other end.
 */
export function parsePrintedType(text: string): PrintedType | undefined {
  const { name, modifier = '', array } = PRINTED.exec(text)?.groups ?? {};
  return name === undefined ? undefined : { name, modifier, isArray: array !== undefined };
}

export function isPrintedType(text: string): boolean {
  return parsePrintedType(text) !== undefined;
}

/** Whether a type, or that of an array's elements, takes any other's text as it is. */
export function isText(type: string): boolean {
  return /^(text|character varying)(\(\d+\))?(\[\])?$/.test(type);
}

/** Values that are equal have one text: not so 1.0 and 1.00, '1 day' and '24:00', 0 and -0. Of types unknown, no. */
export function hasOneText(type: string): boolean {
  return ONE_TEXT.test(type);
}

const ONE_TEXT =
  /^(smallint|integer|bigint|numeric\(.*\)|uuid|text|character( varying)?(\(\d+\))?|boolean|bytea|date|timestamp(\(\d\))? with(out)? time zone)$/;
