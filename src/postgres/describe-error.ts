import { DatabaseError } from 'pg';
import type { Endpoint } from './endpoint';
import { formatName, type TableName } from './identifiers';
import {
  brokenTls,
  sqlstates,
  type FailureClass,
  type FailureType,
  classifySqlstate,
  clientMessages,
  networkCodes,
} from './sqlstate';

/** Where something failed: all that is known. Nothing here may be a secret or a row's value. */
export interface ErrorPlace {
  end?: 'source' | 'destination';
  endpoint?: Pick<Endpoint, 'host' | 'port' | 'database' | 'username'>;
  table?: TableName;
  /** The columns that were read or written: one of them may be named by the server's context of a COPY. */
  columns?: readonly string[];
  /** As `[lower, upper)`. */
  interval?: string;
}

export interface DescribedError {
  /** SQLSTATE, or Node's code. */
  code: string | undefined;
  type: FailureType;
  retryable: boolean;
  /** Place and what is wrong, in our own words. */
  message: string;
  remedy: string;
  names: { schema?: string; table?: string; column?: string; constraint?: string; dataType?: string };
}

const mayNotConnect: FailureClass = {
  type: 'PermissionDenied',
  retryable: false,
  what: 'the role may not connect to this database',
  remedy: 'GRANT CONNECT ON DATABASE … TO …, as its owner.',
};

const noPartition: FailureClass = {
  type: 'ConstraintViolated',
  retryable: false,
  what: 'no partition is there for a row',
  remedy: 'Add one at the destination (CREATE TABLE … PARTITION OF …), a default one perhaps.',
};

const unexpected: FailureClass = {
  type: 'Unexpected',
  retryable: false,
  what: 'an unexpected error occurred',
  remedy: 'Please report it, with the code.',
};

/**
 * A failure in our own words: SQLSTATE and names. PostgreSQL's `message`, `detail`, `where` and `hint` hold row values
 * (`Key (email)=(…)`), so none of them is ever repeated. Errors that are neither the server's nor the network's come
 * back as `Unexpected`: name your own before you ask.
 */
export function describeError(error: unknown, place: ErrorPlace = {}): DescribedError {
  const code = error instanceof DatabaseError && isRaised(error) ? codeOfRaised(error) : codeOf(error);
  const failure = classify(error, code);
  const names = namesOf(error, place);
  const detail = code ?? (failure === unexpected && error instanceof Error ? error.name : undefined);
  return {
    code,
    type: failure.type,
    retryable: failure.retryable,
    message: `${describePlace(place, names)}${failure.what}${detail === undefined ? '' : ` (${detail})`}`,
    remedy: failure.remedy,
    names,
  };
}

/** One of the server's, as the table knows it; any other may be a value, and stands for what a function raises. */
function codeOfRaised({ code = '' }: DatabaseError): string {
  return sqlstates[code] ? code : 'P0001';
}

/** Whether an error is the server's, with this SQLSTATE. */
export function hasSqlstate(error: unknown, code: string): boolean {
  return error instanceof DatabaseError && error.code === code;
}

function classify(error: unknown, code: string | undefined): FailureClass {
  if (error instanceof DatabaseError && code === '42501' && error.severity === 'FATAL') return mayNotConnect;
  // A check has a name.
  if (
    error instanceof DatabaseError &&
    code === '23514' &&
    error.constraint === undefined &&
    error.table !== undefined
  )
    return noPartition;
  const known =
    code === undefined
      ? undefined
      : (networkCodes[code] ?? (error instanceof DatabaseError ? classifySqlstate(code) : undefined));
  if (known) return known;
  if (error instanceof DatabaseError) return { ...unexpected, what: 'the server reports an error' };
  if (code?.startsWith('ERR_SSL_')) return brokenTls;
  const message = error instanceof Error ? error.message : '';
  const [, failure = unexpected] = clientMessages.find(([pattern]) => pattern.test(message)) ?? [];
  return failure;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function namesOf(error: unknown, { columns = [] }: ErrorPlace): DescribedError['names'] {
  // A pooler's own errors name no file, and nothing else that is known.
  if (!(error instanceof DatabaseError) || error.file === undefined || isRaised(error)) return {};
  const { schema, table, constraint, dataType } = error;
  const column = error.column ?? columnOfCopy(error.where, columns);
  const names = { schema, table, column, constraint, dataType };
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined));
}

/**
 * Whether a function raised it, as a trigger's `RAISE … USING COLUMN = NEW.email`: then all that it says, codes of its
 * own included, is the function's to choose, and may be a row's value. The server's own errors name a file of the
 * server's, which no function can set (PostgreSQL: Error and Notice Message Fields); those of procedural languages begin
 * with `pl`.
 */
function isRaised(error: DatabaseError): boolean {
  return error.file !== undefined && /^pl/.test(error.file);
}

/**
 * The column in a COPY's context, `COPY t, line 3, column c: "value"`. What stands there is only compared with the
 * columns that we know, longest first, since a value follows it.
 */
function columnOfCopy(where: string | undefined, columns: readonly string[]): string | undefined {
  const rest = where && /^COPY .*?, line \d+, column (.*)/s.exec(where)?.[1];
  if (!rest) return undefined;
  return [...columns]
    .sort((a, b) => b.length - a.length)
    .find((column) => rest === column || rest.startsWith(`${column}: `));
}

function describePlace(
  { end, endpoint, table, interval }: ErrorPlace,
  names: DescribedError['names'],
): string {
  const named =
    table ?? (names.table === undefined ? undefined : { schema: names.schema, name: names.table });
  const server = endpoint && `${endpoint.host}:${endpoint.port}/${endpoint.database} as ${endpoint.username}`;
  const parts = [
    end && server ? `${end} ${server}` : (end ?? server),
    named && `table ${formatName(named)}`,
    names.column !== undefined && `column ${names.column}`,
    names.constraint !== undefined && `constraint ${names.constraint}`,
    interval !== undefined && `interval ${interval}`,
  ].filter((part) => typeof part === 'string');
  return parts.length > 0 ? `${parts.join(', ')}: ` : '';
}
