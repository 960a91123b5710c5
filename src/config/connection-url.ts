import type { Credentials } from './configuration-file';
import type { TlsKeys } from './endpoint';
import { type Path, type Problems, suggest } from './problems';

const parameters = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
];
const modes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/**
 * Reads a connection URL with libpq's meaning (PostgreSQL: Connection URIs). Not by pg-connection-string: there
 * `require` means `verify-full` today and nothing tomorrow, and no sslmode means plain text.
 */
export function readConnectionUrl(
  url: string,
  path: Path,
  problems: Problems,
): (Credentials & { tls?: TlsKeys }) | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    const remedy =
      'Write postgresql://user:password@host:5432/database, with %40 for @, %2F for / and %23 for # in the password; or host, port and so on as keys';
    problems.add(path, 'this is not a URL of a PostgreSQL database', remedy);
    return undefined;
  }
  const query = parsed.searchParams;
  for (const name of query.keys()) {
    if (!parameters.includes(name)) {
      // A ? in a password begins what then looks like a parameter: it is not repeated.
      const remedy = `${suggest(name, parameters)} Else take it out; a ? in the password is written %3F`;
      problems.add(path, 'one of its parameters is not known', remedy);
      return undefined;
    }
    if (query.getAll(name).length > 1) {
      problems.add(path, `its parameter '${name}' is given twice`, 'Keep one of the two');
      return undefined;
    }
  }
  if (parsed.hash !== '') {
    problems.add(path, 'a # in it ends the URL', 'Write %23 for a #, or take it and what follows out');
    return undefined;
  }
  const decoded = decode([parsed.username, parsed.password, parsed.hostname, parsed.pathname.slice(1)]);
  if (!decoded) {
    problems.add(path, 'a % in it is not followed by two hexadecimal digits', 'Write %25 for a plain %');
    return undefined;
  }
  if ([...decoded, ...query.values()].some((part) => part.includes('\0'))) {
    problems.add(path, 'it holds a NUL character (%00)', 'Take it out');
    return undefined;
  }
  const port = query.get('port') ?? (parsed.port || '5432');
  const [user, password, host, database] = decoded;
  const result = {
    host: query.get('host') ?? host.replace(/^\[(.*)\]$/, '$1'),
    port: /^\d{1,5}$/.test(port) ? Number(port) : 0,
    database: query.get('dbname') ?? database,
    username: query.get('user') ?? user,
    password: query.get('password') ?? password,
  };
  const missing = (['host', 'username', 'database'] as const).find((key) => result[key] === '');
  if (missing !== undefined) {
    problems.add(path, `it names no ${missing}`, 'Write postgresql://user:password@host:5432/database');
    return undefined;
  }
  if (result.port < 1 || result.port > 65_535) {
    problems.add(path, 'its port is not a whole number from 1 to 65535', 'Correct the port');
    return undefined;
  }
  return withTls(result, query, path, problems);
}

function withTls(
  credentials: Credentials,
  query: URLSearchParams,
  path: Path,
  problems: Problems,
): (Credentials & { tls?: TlsKeys }) | undefined {
  const written = query.get('sslmode');
  const ca = query.get('sslrootcert');
  const mode = modes.find((one) => one === written);
  if (written !== null && !mode) {
    const remedy =
      'Write disable, require, verify-ca or verify-full; what may fall back to plain text is not offered';
    problems.add(path, 'its sslmode is not one that Tidemark knows', remedy);
    return undefined;
  }
  const tls: TlsKeys = {
    // As libpq has it: a root certificate makes `require` check the certificate against it.
    ...(mode && { mode: mode === 'require' && ca !== null ? 'verify-ca' : mode }),
    // `system` stands for the trusted certificates of the machine; ours are those of Node.js.
    ...(ca !== null && ca !== 'system' && { ca }),
    ...(query.has('sslcert') && { cert: query.get('sslcert') ?? '' }),
    ...(query.has('sslkey') && { key: query.get('sslkey') ?? '' }),
    ...(query.has('sslpassword') && { passphrase: query.get('sslpassword') ?? '' }),
  };
  return Object.keys(tls).length > 0 ? { ...credentials, tls } : credentials;
}

function decode(parts: [string, string, string, string]): [string, string, string, string] | undefined {
  try {
    return parts.map(decodeURIComponent) as [string, string, string, string];
  } catch {
    return undefined;
  }
}
