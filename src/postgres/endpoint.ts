/** One end of a sync. Ready for `pg`, except that `username` is pg's `user`. Holds the password: never print or log it. */
export interface Endpoint {
  /** A host name, an address, or the folder of a unix socket (begins with `/`). */
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
  /** What pg takes as `ssl`. */
  tls: false | TlsOptions;
  /** The most connections that a sync takes on this side, all tables together. */
  maxConnections: number;
  connectTimeoutMs: number;
  queryTimeoutMs: number;
}

export interface TlsOptions {
  /** False only where the mode is `require`: encrypted, to whomever answers. */
  rejectUnauthorized: boolean;
  /** Given where the mode is `verify-ca`: any host name passes, so long as the certificate is signed by the CA. */
  checkServerIdentity?: () => undefined;
  /** Contents in PEM, not paths. */
  ca?: string;
  cert?: string;
  key?: string;
}
