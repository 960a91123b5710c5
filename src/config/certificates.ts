import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Path, Problems } from './problems';
import { describeFileError } from './read-document';

/** Paths of PEM files, as a configuration gives them. */
export interface CertificateKeys {
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  passphrase?: string | undefined;
}

/** Contents in PEM; the key is decrypted. */
export interface Certificates {
  ca?: string;
  cert?: string;
  key?: string;
}

/**
 * Reads the certificates that `tls` names, by their paths from the configuration file's folder, and sees whether they
 * can serve: better said here than by a server that only closes the connection. Undefined: problems were added.
 */
export async function readCertificates(
  keys: CertificateKeys,
  path: Path,
  folder: string,
  problems: Problems,
): Promise<Certificates | undefined> {
  const found = problems.list.length;
  const add = (name: keyof CertificateKeys, message: string, remedy: string): undefined =>
    void problems.add(path.at(-1) === 'tls' ? [...path, name] : path, message, remedy);
  if ((keys.cert === undefined) !== (keys.key === undefined)) {
    problems.add(path, 'a client certificate needs both cert and key', 'Write both, or neither');
  }
  const read = async (name: 'ca' | 'cert' | 'key'): Promise<string | undefined> => {
    const file = keys[name];
    if (file === undefined) return undefined;
    try {
      const contents = await readFile(resolve(folder, file), 'utf8');
      if (contents.includes('-----BEGIN ')) return contents;
      return add(name, `'${file}' is not a PEM file`, 'Name a file that begins with -----BEGIN');
    } catch (error) {
      const missing = 'Correct the path; it is relative to the configuration file';
      const { message, remedy } = describeFileError(error, missing);
      return add(name, `'${file}': ${message}`, remedy);
    }
  };
  const [ca, cert, key] = await Promise.all([read('ca'), read('cert'), read('key')]);
  if (problems.list.length > found) return undefined;
  if (ca !== undefined && !parseCertificate(ca))
    add('ca', `'${keys.ca ?? ''}' holds no certificate that can be read`, 'Name the certificates in PEM');
  if (cert === undefined || key === undefined)
    return problems.list.length > found ? undefined : { ...(ca !== undefined && { ca }) };
  const certificate = checkOwn(cert, keys, add);
  const privateKey = openKey(key, keys, add);
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey))
    add(
      'key',
      `'${keys.key ?? ''}' is not the key of '${keys.cert ?? ''}'`,
      'Name the two that belong together',
    );
  if (problems.list.length > found || !privateKey) return undefined;
  // Without its passphrase: not all that take it could open it.
  const opened = isEncrypted(key) ? privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() : key;
  return { ...(ca !== undefined && { ca }), cert, key: opened };
}

type Add = (name: keyof CertificateKeys, message: string, remedy: string) => undefined;

/** The client certificate, its first where the file holds a chain. */
function checkOwn(pem: string, { cert = '' }: CertificateKeys, add: Add): X509Certificate | undefined {
  const certificate = parseCertificate(pem);
  if (!certificate) return add('cert', `'${cert}' holds no certificate that can be read`, 'Name one in PEM');
  const [from, to] = [certificate.validFrom, certificate.validTo].map((time) => new Date(time));
  if (to && to.getTime() < Date.now())
    add('cert', `'${cert}' expired on ${to.toISOString().slice(0, 10)}`, 'Renew the client certificate');
  else if (from && from.getTime() > Date.now())
    add(
      'cert',
      `'${cert}' is not valid before ${from.toISOString().slice(0, 10)}`,
      "Check this machine's clock, or wait",
    );
  return certificate;
}

function openKey(pem: string, { key = '', passphrase }: CertificateKeys, add: Add): KeyObject | undefined {
  if (isEncrypted(pem) && passphrase === undefined)
    return add(
      'passphrase',
      `'${key}' is encrypted, and nothing opens it`,
      'Write passphrase: ${KEY_PASSPHRASE}',
    );
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    return isEncrypted(pem)
      ? add('passphrase', `it does not open '${key}'`, 'Correct the passphrase')
      : add('key', `'${key}' holds no private key that can be read`, 'Name a private key in PEM');
  }
}

/** PKCS#8 says so in its label, OpenSSL's older form in a header. */
function isEncrypted(pem: string): boolean {
  return /^(-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED)/m.test(pem);
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
