import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';

/** For tests that make certificates: skipped where there is no openssl. */
export const describeOpenssl = spawnSync('openssl', ['version']).status === 0 ? describe : describe.skip;

/** Certificates made by openssl into a folder, each `NAME.pem` with its key `NAME.key`. */
export interface CertificateMaker {
  /** One that signs itself, and may sign others. */
  authority(name: string): void;
  /** One that `by` signs. */
  certificate(name: string, by: string, options?: CertificateOptions): void;
  /** The same key behind a passphrase, as `NAME.locked.key`. */
  lock(name: string, passphrase: string): void;
}

export interface CertificateOptions {
  /** Whom it is made out to; its name unless given. */
  commonName?: string;
  /** The host that it vouches for. */
  host?: string;
  /** How long it lasts; it has expired where that is negative. */
  days?: number;
  /** It may sign others. */
  signs?: boolean;
}

export function certificatesIn(folder: string): CertificateMaker {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const request = (name: string, commonName: string) => [
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-subj', `/CN=${commonName}`, '-keyout', `${name}.key`],
  ];
  return {
    authority(name) {
      openssl(...request(name, name), '-x509', '-days', '2', '-out', `${name}.pem`);
    },
    certificate(name, by, { commonName = name, host, days = 2, signs = false } = {}) {
      const extensions = [
        ...(host === undefined ? [] : ['-addext', `subjectAltName=DNS:${host}`]),
        ...(signs ? ['-addext', 'basicConstraints=critical,CA:TRUE'] : []),
      ];
      openssl(...request(name, commonName), ...extensions, '-out', `${name}.csr`);
      const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'];
      const copied = ['-copy_extensions', 'copy', '-days', String(days)];
      openssl('x509', '-req', '-in', `${name}.csr`, ...signer, ...copied, '-out', `${name}.pem`);
    },
    lock(name, passphrase) {
      const out = path.join(folder, `${name}.locked.key`);
      openssl('pkcs8', '-topk8', '-in', `${name}.key`, '-passout', `pass:${passphrase}`, '-out', out);
    },
  };
}
