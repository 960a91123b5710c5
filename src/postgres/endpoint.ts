import type { ConnectionOptions } from 'node:tls';

/** One end of a sync, as the configuration gives it. Holds the password: never log it. */
export interface Endpoint {
  /** A host name, an address, or the folder of a unix socket (begins with `/`). */
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
  /** What pg takes as `ssl`; false means plaintext. */
  tls: false | ConnectionOptions;
  /** The most connections that a sync takes on this side. */
  maxConnections: number;
  connectTimeoutMs: number;
  queryTimeoutMs: number;
}
