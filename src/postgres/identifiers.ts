import { escapeIdentifier } from 'pg';
import { escapePattern } from '../plan/escape-pattern';

/** A table by its real names, unquoted: `{schema: 'public', name: 'Odd "name"'}`. */
export interface TableName {
  schema: string;
  name: string;
}

/** A name or a glob. Each part is the text with wildcards as their own tokens, so that a quoted `*` stays a star. */
export interface TablePattern {
  schema: NamePattern | undefined;
  name: NamePattern;
}

export type NamePattern = (string | { any: 'one' | 'many' })[];

/** NAMEDATALEN - 1 (PostgreSQL: Identifiers and Key Words). The server would cut a longer name in silence. */
export const maxIdentifierBytes = 63;

/** A name that cannot be read; the message holds what is wrong and is meant for the reader. */
export class IdentifierError extends Error {
  override readonly name = 'IdentifierError';
}

/**
 * Reads a table name or pattern as written in SQL: `a.b`, `"Odd ""name"""`, `public.sensor_*`. Unquoted parts fold to
 * lower case; `*` and `?` are wildcards outside quotes only.
 */
export function parseTablePattern(text: string): TablePattern {
  const parts = parseParts(text);
  if (parts.length > 2) {
    throw new IdentifierError(`${shown(text)} has ${parts.length} parts; a table is written as schema.table`);
  }
  const [first, second] = parts;
  if (first === undefined) throw new IdentifierError('a name is missing');
  return second === undefined ? { schema: undefined, name: first } : { schema: first, name: second };
}

/** Reads a table name as written in SQL; wildcards are refused. The schema is undefined where none is written. */
export function parseTableName(text: string): { schema: string | undefined; name: string } {
  const plain = plainName(parseTablePattern(text));
  if (!plain)
    throw new IdentifierError(
      `${shown(text)} has a wildcard where one table is meant; quote the part if it is a name`,
    );
  return plain;
}

/** Reads a column name as written in SQL. */
export function parseColumnName(text: string): string {
  const parts = parseParts(text);
  const only = parts.length === 1 && parts[0] ? plainPart(parts[0]) : undefined;
  if (only === undefined)
    throw new IdentifierError(
      `${shown(text)} is not a column's name; a name with a dot, * or ? is written in double quotes`,
    );
  return only;
}

/** The names of a pattern without wildcards, else undefined. */
export function plainName(pattern: TablePattern): { schema: string | undefined; name: string } | undefined {
  const name = plainPart(pattern.name);
  const schema = pattern.schema && plainPart(pattern.schema);
  if (name === undefined || (pattern.schema && schema === undefined)) return undefined;
  return { schema, name };
}

/** Whether a table is meant by a pattern. A pattern without a schema matches `defaultSchemas` only. */
export function matchesPattern(
  pattern: TablePattern,
  table: TableName,
  defaultSchemas: readonly string[] = ['public'],
): boolean {
  const schemaFits = pattern.schema
    ? toRegExp(pattern.schema).test(table.schema)
    : defaultSchemas.includes(table.schema);
  return schemaFits && toRegExp(pattern.name).test(table.name);
}

/** A name in double quotes, for SQL. Refuses what PostgreSQL would refuse (NUL, empty) or cut short (over 63 bytes). */
export function quoteIdentifier(name: string): string {
  checkIdentifier(name);
  return escapeIdentifier(name);
}

/** `"schema"."name"`, for SQL. */
export function quoteTable(table: TableName): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
}

/** A column's or schema's name as a person would write it: in quotes only where SQL (or a pattern) needs them. */
export function formatIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name) ? name : escapeIdentifier(name);
}

/** A table's name as a person would write it in SQL or in the configuration. */
export function formatName(table: { schema?: string | undefined; name: string }): string {
  const name = formatIdentifier(table.name);
  return table.schema === undefined ? name : `${formatIdentifier(table.schema)}.${name}`;
}

function checkIdentifier(name: string): void {
  if (name === '') throw new IdentifierError('a name is empty');
  if (name.includes('\0'))
    throw new IdentifierError('a name holds a NUL character, which PostgreSQL has not');
  const length = Buffer.byteLength(name);
  if (length > maxIdentifierBytes) {
    throw new IdentifierError(`a name has ${length} bytes; PostgreSQL keeps ${maxIdentifierBytes}`);
  }
}

/** Words that cannot be a table's or column's name without quotes (PostgreSQL: SQL Key Words, "reserved"). */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
  column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
  from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
  localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
  returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
  unique user using variadic verbose when where window with`.split(/\s+/),
);

function parseParts(text: string): NamePattern[] {
  const parts: NamePattern[] = [];
  const token = /[ \t\r\n]*(?:"((?:[^"]|"")*)"|([\p{L}_*?][\p{L}\p{N}_$*?]*))[ \t\r\n]*(\.|$)/uy;
  let end = '.';
  while (end === '.') {
    const match = token.exec(text);
    if (!match) throw unreadable(text);
    const [, quoted, bare = '', separator = ''] = match;
    const part = quoted === undefined ? parseBare(bare) : [quoted.replaceAll('""', '"')];
    checkIdentifier(part.map((piece) => (typeof piece === 'string' ? piece : '*')).join(''));
    parts.push(part);
    end = separator;
  }
  return parts;
}

/** As it was written, so that a secret in it is known for one; a long text not at all. */
function shown(text: string): string {
  return text.length > LONGEST_SHOWN ? `a text of ${text.length} characters` : `'${text}'`;
}

const LONGEST_SHOWN = 200;

function unreadable(text: string): IdentifierError {
  if (text.trim() === '') return new IdentifierError('a name is empty');
  if ((text.match(/"/g)?.length ?? 0) % 2 === 1)
    return new IdentifierError(`${shown(text)} has a double quote that is not closed`);
  return new IdentifierError(
    `${shown(text)} is not a name in SQL; put a part with capitals, spaces or other signs in double quotes, such as public."My table"`,
  );
}

function parseBare(bare: string): NamePattern {
  return bare
    .split(/([*?])/)
    .filter((piece) => piece !== '')
    .map((piece) =>
      // Only ASCII is folded, as PostgreSQL does in UTF-8 databases.
      piece === '*'
        ? { any: 'many' }
        : piece === '?'
          ? { any: 'one' }
          : piece.replace(/[A-Z]+/g, (s) => s.toLowerCase()),
    );
}

function plainPart(part: NamePattern): string | undefined {
  return part.every((piece) => typeof piece === 'string') ? part.join('') : undefined;
}

function toRegExp(part: NamePattern): RegExp {
  const source = part
    .map((piece) => (typeof piece === 'string' ? escapePattern(piece) : piece.any === 'many' ? '.*' : '.'))
    .join('');
  return new RegExp(`^${source}$`, 'su');
}
