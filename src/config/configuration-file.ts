import { ConfigError } from './config-error';
import { Problems, suggest } from './problems';
import { readDocument } from './read-document';

/** How to log in, as any of the three ways of writing it gives it. */
export interface Credentials {
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
}

const keys = ['HOST', 'PORT', 'DATABASE', 'USERNAME', 'PASSWORD'] as const;
type Key = (typeof keys)[number];

/**
 * Reads a `configuration.json`: HOST, PORT, DATABASE, USERNAME and PASSWORD, each a string and not empty. Nothing is
 * put in from the environment. Undefined: problems were added.
 */
export async function readConfigurationFile(
  path: string,
  shown: string,
  problems: Problems,
): Promise<Credentials | undefined> {
  const { value, lineOf } = await readOrReport(path, shown, problems);
  if (value === undefined) return undefined;
  const own = new Problems(shown, lineOf);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    own.add([], 'this is not a JSON object', `Write {${keys.map((key) => `"${key}": "…"`).join(', ')}}`);
    problems.include(own);
    return undefined;
  }
  const given = new Map<string, unknown>(Object.entries(value));
  for (const key of given.keys()) {
    if (!keys.some((known) => known === key)) own.add([key], 'there is no such key', suggest(key, keys));
  }
  const read = (key: Key): string => {
    const entry = given.get(key);
    if (entry === undefined) own.add([key], 'this key is missing', `Write "${key}": "…"`);
    else if (typeof entry !== 'string')
      own.add([key], 'this must be a string', 'Put the value in double quotes');
    else if (entry.trim() === '') own.add([key], 'this is empty', 'Write a value');
    else return entry;
    return '';
  };
  const [host, port, database, username, password] = keys.map(read) as [
    string,
    string,
    string,
    string,
    string,
  ];
  if (port !== '' && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    own.add(['PORT'], 'this must be a whole number from 1 to 65535, in quotes', 'Write it such as "5432"');
  }
  problems.include(own);
  return own.list.length > 0 ? undefined : { host, port: Number(port), database, username, password };
}

async function readOrReport(path: string, shown: string, problems: Problems) {
  try {
    return await readDocument(path, shown, 'Correct the path; it is relative to the configuration file');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.list.push(...error.problems);
    return { value: undefined, lineOf: () => undefined };
  }
}
