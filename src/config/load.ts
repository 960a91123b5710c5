import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { Endpoint } from '../postgres/endpoint';
import type { AlarmConfig, Config, TableConfig, SourceEndpoint } from './config';
import { ConfigError } from './config-error';
import { resolveEncryption } from './encryption';
import { resolveEndpoint } from './endpoint';
import { type Path, Problems, suggest } from './problems';
import { readDocument } from './read-document';
import type { SourceKeys } from './endpoint-settings';
import { type FileConfig, fileSchema } from './schema';
import { knownKeys } from './json-schema';
import { substituteEnvironment } from './substitute-environment';
import { resolveSchedules } from './schedule-settings';
import { refuseCopiesOntoThemselves, resolveTables } from './tables';
import { resolveTemporal } from './temporal';

/**
 * Reads and checks a configuration file. Connects to nothing. Throws ConfigError with everything that is wrong at once.
 * @param env where `${NAME}` and TEMPORAL_* are looked up
 */
export async function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const file = resolve(path);
  const folder = dirname(file);
  const { value, lineOf } = await readDocument(
    file,
    path,
    'Run tidemark init to write one, or name another with -c FILE',
  );
  const problems = new Problems(path, lineOf);
  const parsed = parse(substituteEnvironment(value, env, problems), problems);
  if (!parsed) throw new ConfigError(problems.list);
  const [source, destination, temporal, encryption] = await Promise.all([
    resolveEndpoint(parsed.source, ['source'], folder, problems),
    resolveEndpoint(parsed.destination, ['destination'], folder, problems),
    resolveTemporal(parsed.temporal, folder, env, problems),
    resolveEncryption(parsed.temporal?.encryption, folder, problems),
  ]);
  const tables = resolveTables(parsed, problems);
  if (source && destination && isSameDatabase(source, destination))
    refuseCopiesOntoThemselves(tables, problems);
  if (problems.list.length > 0 || !source || !destination) throw new ConfigError(problems.list);
  return {
    name: parsed.name,
    file,
    folder,
    source: { ...source, ...limitsOf(parsed.source) },
    destination,
    settleDelayMs: parsed.settleDelay,
    parallelism: parsed.parallelism,
    tables,
    ...(parsed.alarms && { alarms: alarmsOf(parsed.alarms) }),
    schedules: resolveSchedules(parsed.schedules ?? {}),
    ...(temporal && { temporal }),
    ...(encryption && { encryption }),
  };
}

function alarmsOf({ lag, stall, ...alarms }: NonNullable<FileConfig['alarms']>): AlarmConfig {
  return { ...alarms, stallMs: stall, ...(lag !== undefined && { lagMs: lag }) };
}

/**
 * Of a configuration file only what is known of its source, so that nothing need be said of the destination yet: its
 * variables may be unset, and `tables` empty. Connects to nothing. Throws ConfigError.
 */
export async function loadSource(
  path: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ source: Endpoint; tables: TableConfig[] }> {
  const file = resolve(path);
  const { value, lineOf } = await readDocument(file, path, 'Correct the path');
  const problems = new Problems(path, lineOf);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const tables = isObject && 'tables' in value && Array.isArray(value.tables) ? value.tables : [];
  const relevant = isObject
    ? { ...value, destination: {}, temporal: {}, ...(tables.length === 0 && { tables: ['x'] }) }
    : value;
  const parsed = parse(substituteEnvironment(relevant, env, problems), problems);
  if (!parsed) throw new ConfigError(problems.list);
  const source = await resolveEndpoint(parsed.source, ['source'], dirname(file), problems);
  const resolved = resolveTables(parsed, problems);
  if (problems.list.length > 0 || !source) throw new ConfigError(problems.list);
  return { source, tables: tables.length === 0 ? [] : resolved };
}

function limitsOf({
  maxRowsPerSecond,
  hours,
}: SourceKeys): Pick<SourceEndpoint, 'maxRowsPerSecond' | 'hours'> {
  return { ...(maxRowsPerSecond !== undefined && { maxRowsPerSecond }), ...(hours && { hours }) };
}

function isSameDatabase(one: Endpoint, other: Endpoint): boolean {
  return one.host === other.host && one.port === other.port && one.database === other.database;
}

/**
 * Checks the shape. Where something is wrong with a value, it is reported and taken out, and the rest is checked once
 * more, so that later checks find their problems in the same go. Undefined: too much is missing for that.
 */
function parse(value: unknown, problems: Problems): FileConfig | undefined {
  const first = fileSchema.safeParse(value);
  if (first.success) return first.data;
  const issues = first.error.issues.flatMap((issue) => flatten(issue));
  for (const issue of issues) report(issue, value, problems);
  const second = fileSchema.safeParse(withoutPaths(value, issues.flatMap(pathsOf)));
  return second.success ? second.data : undefined;
}

/** What says that a value is not meant to be of this shape at all. */
const wrongKind = new Set<string | undefined>(['invalid_type', 'invalid_value']);

/** Of a value that may have several shapes, only the one that it seems to be meant for is of interest. */
function flatten(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.filter(
    (errors) => !errors.some((error) => error.path.length === 0 && wrongKind.has(error.code)),
  );
  const [only] = meant;
  if (meant.length !== 1 || !only) return [issue];
  return only.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }));
}

function report(issue: z.core.$ZodIssue, value: unknown, problems: Problems): void {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys)
      problems.add([...path, key], 'there is no such key', suggest(key, knownKeys(path)));
  } else if (valueAt(value, path) === undefined || valueAt(value, path) === null) {
    problems.add(
      path,
      path.length === 0 ? 'the file is empty' : 'this key is missing',
      remedyIfMissing(path),
    );
  } else {
    const [message = '', remedy = 'Correct it'] = issue.message.split('|');
    problems.add(path, message, remedy);
  }
}

function remedyIfMissing(path: Path): string {
  const key = path.at(-1);
  return typeof key === 'string' ? `Write ${key}: …` : 'Run tidemark init to write one, or write it by hand';
}

function pathsOf(issue: z.core.$ZodIssue): Path[] {
  const path = issue.path as (string | number)[];
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<string | number, unknown>)[part]
        : undefined,
    value,
  );
}

/** The file without what was reported; where something must stand, something good stands in for it. */
function withoutPaths(value: unknown, paths: Path[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const [i, reported] of paths.entries()) {
    // An item taken out of a list would shift the others: the list goes as a whole.
    const path = reported.slice(0, reported.findLastIndex((part) => typeof part === 'string') + 1);
    const parent = valueAt(copy, path.slice(0, -1));
    const last = path.at(-1);
    if (typeof parent !== 'object' || parent === null || last === undefined) continue;
    if (last === 'name') Reflect.set(parent, last, `x${i}`);
    else Reflect.deleteProperty(parent, last);
  }
  const standIns = { name: 'x', source: {}, destination: {}, tables: ['x'] };
  return typeof copy === 'object' ? { ...standIns, ...copy } : copy;
}
