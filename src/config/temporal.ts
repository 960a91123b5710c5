import { loadClientConfigProfile, toClientOptions, type ClientConfigProfile } from '@temporalio/envconfig';
import type { TemporalConfig, TemporalTls } from './config';
import { readCertificates } from './certificates';
import type { Path, Problems } from './problems';
import type { TemporalKeys } from './temporal-settings';

/**
 * Where Temporal is: `temporal:` in the file over TEMPORAL_* variables over Temporal's own configuration file (which
 * @temporalio/envconfig reads). Undefined: nobody names an address, so the embedded server is meant.
 */
export async function resolveTemporal(
  keys: TemporalKeys | undefined,
  folder: string,
  env: NodeJS.ProcessEnv,
  problems: Problems,
): Promise<TemporalConfig | undefined> {
  const path = ['temporal'];
  const profile = loadProfile(keys?.profile, env, path, problems);
  if (!profile) return undefined;
  const merged: ClientConfigProfile = {
    ...profile,
    ...(keys?.address !== undefined && { address: keys.address }),
    ...(keys?.namespace !== undefined && { namespace: keys.namespace }),
    ...(keys?.apiKey !== undefined && { apiKey: keys.apiKey }),
    ...(await ownTls(keys?.tls, folder, problems)),
  };
  if (!merged.address) {
    // Encryption is of use to the embedded server as well.
    if (keys && Object.keys(keys).some((key) => key !== 'encryption')) {
      problems.add(
        [...path, 'address'],
        'nothing names the address of the Temporal server',
        'Write address: host:7233, set TEMPORAL_ADDRESS, or leave temporal out to use the embedded server',
      );
    }
    return undefined;
  }
  const connection = readTlsFiles(merged, path, problems);
  if (!connection) return undefined;
  const { tls } = connection;
  return {
    address: merged.address,
    namespace: merged.namespace ?? 'default',
    ...(keys?.taskQueue !== undefined && { taskQueue: keys.taskQueue }),
    ...(merged.apiKey !== undefined && { apiKey: merged.apiKey }),
    ...(tls !== undefined && tls !== null && { tls: typeof tls === 'boolean' ? tls : definedOnly(tls) }),
    ...(merged.grpcMeta && { metadata: merged.grpcMeta }),
  };
}

function loadProfile(
  profile: string | undefined,
  env: NodeJS.ProcessEnv,
  path: Path,
  problems: Problems,
): ClientConfigProfile | undefined {
  const overrideEnvVars: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) overrideEnvVars[name] = value;
  try {
    return loadClientConfigProfile({ overrideEnvVars, ...(profile !== undefined && { profile }) });
  } catch (error) {
    // The library's messages quote the file, which may hold an API key; only this one is known not to.
    const noProfile = error instanceof Error && /^Profile '.*' not found/.test(error.message);
    const name = profile ?? env['TEMPORAL_PROFILE'];
    if (noProfile) {
      problems.add(
        [...path, 'profile'],
        `Temporal's configuration file has no profile '${name ?? ''}'`,
        'Correct the name',
      );
    } else {
      const remedy =
        'Correct the TOML file that TEMPORAL_CONFIG_FILE names, or temporalio/temporal.toml in your configuration folder';
      problems.add(path, "Temporal's configuration file cannot be read", remedy);
    }
    return undefined;
  }
}

async function ownTls(
  tls: TemporalKeys['tls'],
  folder: string,
  problems: Problems,
): Promise<Pick<ClientConfigProfile, 'tls'>> {
  if (tls === undefined) return {};
  if (typeof tls === 'boolean') return { tls: { disabled: !tls } };
  const { ca, cert, key } = (await readCertificates(tls, ['temporal', 'tls'], folder, problems)) ?? {};
  return {
    tls: {
      ...(tls.serverName !== undefined && { serverName: tls.serverName }),
      ...(ca !== undefined && { serverCACert: { data: ca } }),
      ...(cert !== undefined && { clientCert: { data: cert } }),
      ...(key !== undefined && { clientKey: { data: key } }),
    },
  };
}

/** Reads the certificates that Temporal's own file or variables name. */
function readTlsFiles(profile: ClientConfigProfile, path: Path, problems: Problems) {
  try {
    return toClientOptions(profile).connectionOptions;
  } catch {
    const remedy = "Correct the paths in Temporal's configuration file or the TEMPORAL_TLS_* variables";
    problems.add(path, 'a certificate for Temporal cannot be read', remedy);
    return undefined;
  }
}

function definedOnly(tls: { [K in keyof TemporalTls]: TemporalTls[K] | undefined }): TemporalTls {
  return {
    ...(tls.serverNameOverride !== undefined && { serverNameOverride: tls.serverNameOverride }),
    ...(tls.serverRootCACertificate && { serverRootCACertificate: tls.serverRootCACertificate }),
    ...(tls.clientCertPair && { clientCertPair: tls.clientCertPair }),
  };
}
