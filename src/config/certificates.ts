import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import type { Path, Problems } from './problems';
import { describeFileError } from './read-document';
import { readTextFile } from './read-text-file';

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

type Add = (name: keyof CertificateKeys, message: string, remedy: string) => void;

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
  const add: Add = (name, message, remedy) => {
    problems.add(path.at(-1) === 'tls' ? [...path, name] : path, message, remedy);
  };
  if ((keys.cert === undefined) !== (keys.key === undefined)) {
    problems.add(path, 'a client certificate needs both cert and key', 'Write both, or neither');
  }
  const [ca, cert, key] = await Promise.all(
    (['ca', 'cert', 'key'] as const).map((name) => readPem(keys[name], name, folder, add)),
  );
  if (problems.list.length > found) return undefined;
  if (ca !== undefined) readCertificate(ca, 'ca', keys, add);
  const own = cert !== undefined && key !== undefined ? openOwn(cert, key, keys, add) : {};
  return problems.list.length > found ? undefined : { ...(ca !== undefined && { ca }), ...own };
}

async function readPem(
  file: string | undefined,
  name: 'ca' | 'cert' | 'key',
  folder: string,
  add: Add,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    const contents = await readTextFile(resolve(folder, file));
    if (contents.includes('-----BEGIN ')) return contents;
    add(name, `'${file}' is not a PEM file`, 'Name a file that begins with -----BEGIN');
  } catch (error) {
    const missing = 'Correct the path; it is relative to the configuration file';
    const { message, remedy } = describeFileError(error, missing);
    add(name, `'${file}': ${message}`, remedy);
  }
  return undefined;
}

/** The client certificate, and its key without the passphrase: not all that take a key can open it. */
function openOwn(cert: string, key: string, keys: CertificateKeys, add: Add): Certificates {
  const certificate = readCertificate(cert, 'cert', keys, add);
  if (certificate) checkDates(certificate, keys, add);
  const opened = openKey(key, keys, add);
  if (certificate && opened && !certificate.checkPrivateKey(opened))
    add('key', `'${keys.key ?? ''}' is not the key of '${keys.cert ?? ''}'`, 'Name two that belong together');
  const plain = opened && isEncrypted(key) ? opened.export({ type: 'pkcs8', format: 'pem' }).toString() : key;
  return { cert, key: plain };
}

/** The first one where the file holds a chain. */
function readCertificate(
  pem: string,
  name: 'ca' | 'cert',
  keys: CertificateKeys,
  add: Add,
): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    add(name, `'${keys[name] ?? ''}' holds no certificate that can be read`, 'Name one in PEM');
    return undefined;
  }
}

function checkDates({ validFrom, validTo }: X509Certificate, { cert = '' }: CertificateKeys, add: Add): void {
  const day = (text: string): string => new Date(text).toISOString().slice(0, 10);
  if (Date.parse(validTo) < Date.now())
    add('cert', `'${cert}' expired on ${day(validTo)}`, 'Renew the client certificate');
  else if (Date.parse(validFrom) > Date.now())
    add('cert', `'${cert}' is not valid before ${day(validFrom)}`, "Wait, or correct this machine's clock");
}

function openKey(pem: string, { key = '', passphrase }: CertificateKeys, add: Add): KeyObject | undefined {
  const encrypted = isEncrypted(pem);
  if (encrypted && passphrase === undefined) {
    add('passphrase', `'${key}' is encrypted, and nothing opens it`, 'Write passphrase: ${KEY_PASSPHRASE}');
    return undefined;
  }
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    if (encrypted) add('passphrase', `it does not open '${key}'`, 'Correct the passphrase');
    else add('key', `'${key}' holds no private key that can be read`, 'Name a private key in PEM');
    return undefined;
  }
}

/** PKCS#8 says so in its label, OpenSSL's older form in a header. */
function isEncrypted(pem: string): boolean {
  return /^(-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED)/m.test(pem);
}
