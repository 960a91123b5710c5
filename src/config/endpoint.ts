import { isAbsolute, resolve } from 'node:path';
import type { Endpoint, TlsOptions } from '../postgres/endpoint';
import { readCertificates } from './certificates';
import { type Credentials, readConfigurationFile } from './configuration-file';
import { readConnectionUrl } from './connection-url';
import type { Path, Problems } from './problems';
import type { EndpointKeys } from './endpoint-settings';

export type TlsKeys = NonNullable<EndpointKeys['tls']>;

const ways = 'Write url, or host, database, username and password, or configuration';

/** One end as `pg` wants it. Reads the files that it names, but connects to nothing. Undefined: problems were added. */
export async function resolveEndpoint(
  keys: EndpointKeys,
  path: Path,
  folder: string,
  problems: Problems,
): Promise<Endpoint | undefined> {
  const credentials = await readCredentials(keys, path, folder, problems);
  if (!credentials) return undefined;
  const fromUrl = credentials.tls;
  if (fromUrl && keys.tls) {
    const remedy = "Take the URL's sslmode and ssl… out, or tls";
    problems.add([...path, 'tls'], 'TLS is set both here and in the url', remedy);
    return undefined;
  }
  const tls = await resolveTls(
    fromUrl ?? keys.tls ?? {},
    credentials.host,
    [...path, fromUrl ? 'url' : 'tls'],
    folder,
    problems,
  );
  if (tls === undefined) return undefined;
  return {
    host: credentials.host,
    port: credentials.port,
    database: credentials.database,
    username: credentials.username,
    password: credentials.password,
    tls,
    maxConnections: keys.maxConnections ?? 4,
    connectTimeoutMs: keys.connectTimeout ?? 10_000,
    queryTimeoutMs: keys.queryTimeout ?? 15 * 60_000,
  };
}

async function readCredentials(
  keys: EndpointKeys,
  path: Path,
  folder: string,
  problems: Problems,
): Promise<(Credentials & { tls?: TlsKeys }) | undefined> {
  const { url, configuration, host, port, database, username, password } = keys;
  const single = Object.entries({ host, port, database, username, password }).filter(
    ([, value]) => value !== undefined,
  );
  const given = [
    url !== undefined && 'url',
    configuration !== undefined && 'configuration',
    single[0]?.[0],
  ].filter(Boolean);
  if (given.length === 0) {
    problems.add(path, 'nothing says where the database is', ways);
    return undefined;
  }
  if (given.length > 1) {
    problems.add(path, `${given.join(' and ')} are both given`, 'Keep one of the two');
    return undefined;
  }
  if (url !== undefined) return readConnectionUrl(url, [...path, 'url'], problems);
  if (configuration !== undefined) {
    return readConfigurationFile(resolve(folder, configuration), configuration, problems);
  }
  // A unix socket may ask the operating system who connects, and a client certificate may stand for the password.
  const noPassword = (host !== undefined && isAbsolute(host)) || keys.tls?.cert !== undefined;
  const needed = { host, database, username, password: noPassword ? (password ?? '') : password };
  const missing = Object.entries(needed).filter(([, value]) => value === undefined);
  for (const [key] of missing)
    problems.add([...path, key], 'this key is missing', `Write ${key}: … beside the others`);
  if (missing.length > 0) return undefined;
  return { port: port ?? 5432, ...(needed as Omit<Credentials, 'port'>) };
}

/** Undefined: problems were added. Semantics of the modes are libpq's (PostgreSQL: SSL Support), not those of `pg`. */
async function resolveTls(
  keys: TlsKeys,
  host: string,
  path: Path,
  folder: string,
  problems: Problems,
): Promise<false | TlsOptions | undefined> {
  const plainByDefault = isLocal(host) && !keys.ca && !keys.cert && !keys.key;
  const mode = keys.mode ?? (plainByDefault ? 'disable' : 'verify-full');
  const found = problems.list.length;
  if (isAbsolute(host) && mode !== 'disable') {
    problems.add(path, 'a unix socket takes no TLS', 'Leave TLS out, or connect by host name');
  }
  if (mode === 'verify-ca' && keys.ca === undefined) {
    problems.add(path, 'verify-ca needs the ca that signs', 'Write ca, or use verify-full');
  }
  if (mode === 'require' && keys.ca !== undefined) {
    problems.add(
      path,
      'mode require does not look at the ca',
      'Use verify-ca or verify-full, or leave ca out',
    );
  }
  if (problems.list.length > found) return undefined;
  if (mode === 'disable') return false;
  const certificates = await readCertificates(keys, path, folder, problems);
  return (
    certificates && {
      // Said in so many words: otherwise NODE_TLS_REJECT_UNAUTHORIZED decides.
      rejectUnauthorized: mode !== 'require',
      ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
      ...certificates,
    }
  );
}

function isLocal(host: string): boolean {
  return isAbsolute(host) || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
