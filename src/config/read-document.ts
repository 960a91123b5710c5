import { type Document, type ErrorCode, isCollection, LineCounter, parseDocument, visit } from 'yaml';
import { ConfigError } from './config-error';
import type { Path } from './problems';
import { readTextFile, UnfitFile } from './read-text-file';

export interface ReadDocument {
  value: unknown;
  /** The line, from 1, of the value at a path or, if it is not there, of what surrounds it. */
  lineOf: (path: Path) => number | undefined;
}

/** In words of our own: the library's messages may quote the file, and so a password. */
const yamlErrors: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'an alias (*) refers to nothing',
  BAD_DQ_ESCAPE: 'a backslash in double quotes is followed by a sign that it cannot escape',
  BAD_INDENT: 'the indentation is wrong',
  BAD_SCALAR_START: 'a value begins with a sign that needs quotes around the value (@ ` % and others)',
  BLOCK_AS_IMPLICIT_KEY: 'there are two colons in a line, or the indentation is wrong',
  BLOCK_IN_FLOW: 'a bracket or brace is not closed',
  DUPLICATE_KEY: 'a key stands here twice',
  MISSING_CHAR: 'a sign is missing: a quote, colon, comma, bracket or brace',
  MULTILINE_IMPLICIT_KEY: 'a line has no colon after its key, or a quote is not closed',
  MULTIPLE_DOCS: 'the file holds several documents (---)',
  TAB_AS_INDENT: 'a tab is used for indentation; YAML takes spaces',
  UNEXPECTED_TOKEN: 'something stands here that does not belong here',
};

/** Reads a YAML or JSON file (JSON is YAML). `shown` is how messages name the file. Throws ConfigError. */
export async function readDocument(
  path: string,
  shown: string,
  remedyIfMissing: string,
): Promise<ReadDocument> {
  const text = await readText(path, shown, remedyIfMissing);
  const lines = new LineCounter();
  const document = parsed(text, shown, lines);
  // The library warns of unknown tags only: a `!secret x` would otherwise pass as plain text.
  const broken = [...document.errors, ...document.warnings, ...findBadNodes(document)];
  if (broken.length > 0) {
    throw new ConfigError(
      broken.slice(0, MOST_SHOWN).map((error) => ({
        where: `${shown}:${lines.linePos(error.pos[0]).line}`,
        message: `this is not valid YAML or JSON: ${yamlErrors[error.code] ?? 'it cannot be understood from here on'}`,
        remedy: 'Correct the file there, or just above',
      })),
    );
  }
  const lineOf = (path: Path): number | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isRanged(node)) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  let value: unknown;
  try {
    value = plain(document.toJS());
  } catch (error) {
    if (error instanceof TooDeep) throw tooDeep(shown);
    throw new ConfigError([
      {
        where: shown,
        message: 'its aliases (*) lead in a circle or to too much',
        remedy: 'Write the values out',
      },
    ]);
  }
  return { value, lineOf };
}

function parsed(text: string, shown: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, intAsBigInt: true });
  } catch {
    // The library goes down into what is nested without a limit of its own.
    throw tooDeep(shown);
  }
}

function tooDeep(shown: string): ConfigError {
  return new ConfigError([
    {
      where: shown,
      message: 'it is nested too deeply',
      remedy: 'Take out the brackets and braces that are too many',
    },
  ]);
}

/**
 * Aliases that refer to nothing, and keys that are lists or maps: the library notices them only when it makes values of
 * the document, and then prints such a key.
 */
function findBadNodes(document: Document): { code: ErrorCode; pos: [number, number] }[] {
  const found: { code: ErrorCode; pos: [number, number] }[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (isCollection(key)) found.push({ code: 'UNEXPECTED_TOKEN', pos: [key.range?.[0] ?? 0, 0] });
    },
    Alias: (_, alias) => {
      const [from = 0, to = 0] = alias.range ?? [];
      if (!alias.resolve(document)) found.push({ code: 'BAD_ALIAS', pos: [from, to] });
    },
  });
  return found;
}

async function readText(path: string, shown: string, remedyIfMissing: string): Promise<string> {
  try {
    return await readTextFile(path);
  } catch (error) {
    throw new ConfigError([{ where: shown, ...describeFileError(error, remedyIfMissing) }]);
  }
}

/** What is wrong with a file that cannot be read. */
export function describeFileError(
  error: unknown,
  remedyIfMissing: string,
): { message: string; remedy: string } {
  if (error instanceof UnfitFile) return { message: error.message, remedy: error.remedy };
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return { message: 'there is no such file', remedy: remedyIfMissing };
  }
  if (code === 'EISDIR') return { message: 'this is a folder', remedy: 'Name the file in it' };
  if (code === 'ERR_INVALID_ARG_VALUE')
    return { message: 'its path holds a NUL character', remedy: 'Correct the path' };
  const reason = typeof code === 'string' ? ` (${code})` : '';
  return { message: `the file cannot be read${reason}`, remedy: 'Let the user who runs tidemark read it' };
}

/** What comes after the first few follows from them. */
const MOST_SHOWN = 10;

class TooDeep extends Error {}

/** What has a place in a configuration is nested six deep. */
const MOST_DEPTH = 50;

/** Whole numbers become numbers where a number can hold them, and digits otherwise: none is rounded. */
function plain(value: unknown, depth = 0): unknown {
  if (depth > MOST_DEPTH) throw new TooDeep();
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (Array.isArray(value)) return value.map((child) => plain(child, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plain(child, depth + 1)]));
}

function isRanged(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
