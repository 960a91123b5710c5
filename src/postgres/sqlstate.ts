/** What a failure is, in the terms in which it is handled. */
export type FailureType =
  | 'ConnectionFailed'
  | 'ConnectionLost'
  | 'AuthenticationFailed'
  | 'TlsFailed'
  | 'UnknownDatabase'
  | 'PermissionDenied'
  | 'ReadOnly'
  | 'MissingObject'
  | 'ObjectExists'
  | 'InvalidDefinition'
  | 'ValueDoesNotFit'
  | 'ConstraintViolated'
  | 'DuplicateKey'
  | 'Conflict'
  | 'OutOfResources'
  | 'LimitExceeded'
  | 'Timeout'
  | 'Unsupported'
  | 'ServerFault'
  | 'Unexpected';

export interface FailureClass {
  type: FailureType;
  /** Whether the same call may succeed later, with nobody changing anything. */
  retryable: boolean;
  /** What is wrong, as the end of a sentence that begins with the place. */
  what: string;
  remedy: string;
}

const retry = (type: FailureType, what: string, remedy = 'It is tried again by itself.'): FailureClass => ({
  type,
  retryable: true,
  what,
  remedy,
});
const stop = (type: FailureType, what: string, remedy: string): FailureClass => ({
  type,
  retryable: false,
  what,
  remedy,
});

const GRANT = 'Run `tidemark check`: it prints the GRANT statement to run.';
const SCHEMA = 'Compare the table with the configuration; `tidemark check` shows what differs.';

/** By SQLSTATE, or by its first two characters, the class (PostgreSQL: Appendix A, Error Codes). The code goes first. */
export const sqlstates: Readonly<Record<string, FailureClass>> = {
  '08': retry('ConnectionLost', 'the connection broke'),
  '08P01': retry(
    'ConnectionLost',
    'the server or a pooler broke the protocol',
    'Behind a pooler, use session pooling.',
  ),
  '0A': stop(
    'Unsupported',
    'the server does not support what was asked',
    'Check the versions with `tidemark check`.',
  ),
  '21': stop(
    'ConstraintViolated',
    'a statement would change one row twice',
    'Check that the key is unique at the source.',
  ),
  '22': stop(
    'ValueDoesNotFit',
    'a value does not fit',
    'Make the destination column wider, or of the type at the source.',
  ),
  '22001': stop(
    'ValueDoesNotFit',
    'a text is too long for its column',
    'Make the destination column longer.',
  ),
  '22003': stop(
    'ValueDoesNotFit',
    'a number is out of the range of its column',
    'Give the destination column a larger type.',
  ),
  '22007': stop(
    'ValueDoesNotFit',
    'a value is no date or time of its column',
    'Give the destination column the type at the source.',
  ),
  '22008': stop(
    'ValueDoesNotFit',
    'a time is out of range',
    'Give the destination column the type at the source.',
  ),
  '22021': stop(
    'ValueDoesNotFit',
    'a character has no place in the encoding',
    'Use UTF8 for the destination database.',
  ),
  '22P02': stop(
    'ValueDoesNotFit',
    "a value is not of its column's type",
    'Give the destination column the type at the source.',
  ),
  '22P05': stop(
    'ValueDoesNotFit',
    'a character has no place in the encoding',
    'Use UTF8 for the destination database.',
  ),
  '23': stop(
    'ConstraintViolated',
    'a row breaks a constraint',
    'Change the constraint at the destination, or the row at the source.',
  ),
  '23502': stop(
    'ConstraintViolated',
    'a row has NULL where the destination does not allow it',
    'Drop NOT NULL from the destination column.',
  ),
  '23503': stop(
    'ConstraintViolated',
    'a row refers to one that is missing',
    'Drop the foreign key at the destination.',
  ),
  '23505': stop(
    'DuplicateKey',
    'two rows have one key',
    'Use mode upsert with this key, or drop the unique index at the destination.',
  ),
  '23514': stop(
    'ConstraintViolated',
    'a row breaks a check',
    'Change the check at the destination, or the row at the source.',
  ),
  '25006': stop(
    'ReadOnly',
    'the database takes no writes',
    'Point the destination at a primary that accepts writes.',
  ),
  '25P03': retry('Timeout', 'the session waited too long within a transaction'),
  '28': stop(
    'AuthenticationFailed',
    'the server refuses this user',
    'Check the user, and that pg_hba.conf lets it in from here; with TLS or a client certificate, where it asks for them.',
  ),
  '28P01': stop('AuthenticationFailed', 'the password is wrong', 'Check the username and the password.'),
  '3D000': stop('UnknownDatabase', 'there is no such database', "Check the database's name."),
  '3F000': stop('MissingObject', 'there is no such schema', SCHEMA),
  '40': retry('Conflict', 'another transaction was in the way'),
  '40001': retry('Conflict', 'another transaction, or recovery on a standby, was in the way'),
  '40P01': retry('Conflict', 'two transactions waited for each other'),
  '42': stop('InvalidDefinition', 'the server does not accept the statement', SCHEMA),
  '42501': stop('PermissionDenied', 'the role lacks a privilege', GRANT),
  '42703': stop('MissingObject', 'a column is missing', SCHEMA),
  '42704': stop('MissingObject', 'a type or another object is missing', SCHEMA),
  '42804': stop('InvalidDefinition', 'a column has another type', SCHEMA),
  '42846': stop('InvalidDefinition', 'a column has another type', SCHEMA),
  '42883': stop(
    'MissingObject',
    'a function or an operator is missing',
    'Qualify names in the functions of views and triggers: search_path is pg_catalog.',
  ),
  '42P01': stop('MissingObject', 'a table is missing', SCHEMA),
  '42P07': stop('ObjectExists', 'the table is there already', SCHEMA),
  '42P10': stop(
    'MissingObject',
    'no unique index is there for the key',
    'Create a unique index over the key columns at the destination.',
  ),
  '44': stop('ConstraintViolated', "a row breaks a view's check option", 'Write to a table.'),
  '53': retry(
    'OutOfResources',
    'the server lacks resources',
    'It is tried again by itself; free some there.',
  ),
  '53100': retry(
    'OutOfResources',
    "the server's disk is full",
    'Free space there; the run goes on by itself.',
  ),
  '53200': retry(
    'OutOfResources',
    'the server is out of memory',
    'It is tried again by itself; smaller batches help. A table of thousands of chunks or partitions may need a higher max_locks_per_transaction.',
  ),
  '53300': retry(
    'OutOfResources',
    'the server has no connection free',
    'Lower maxConnections of this end, or free some there.',
  ),
  '53400': retry(
    'LimitExceeded',
    'a limit of the server was reached',
    'Smaller batches help; or raise the limit.',
  ),
  '54': stop(
    'LimitExceeded',
    "a row or a statement is beyond the server's limits",
    'Leave out the column, or drop the index it is too large for.',
  ),
  '55': retry('Conflict', 'an object is not in the state that was needed'),
  '55006': retry('Conflict', 'an object is in use'),
  '55P03': retry('Conflict', 'a lock was not to be had in time'),
  '57': retry('ConnectionLost', 'the server ended the work'),
  '57014': retry(
    'Timeout',
    'the query was cancelled, or took longer than queryTimeout or a statement_timeout',
    "It is tried again by itself; raise queryTimeout, or the role's statement_timeout, if it keeps happening.",
  ),
  '57P01': retry('ConnectionLost', 'the server shuts down, or an administrator ended the session'),
  '57P02': retry('ConnectionLost', 'the server restarts after a crash'),
  '57P03': retry('ConnectionFailed', 'the server is starting up or shutting down'),
  '57P04': stop('UnknownDatabase', 'the database was dropped', "Check the database's name."),
  '58': retry('ServerFault', 'the server had trouble with its system'),
  P0: stop(
    'ConstraintViolated',
    'a function or trigger raised an error',
    'Look at the triggers of the destination table, event triggers, or the functions of the view.',
  ),
  XX: retry(
    'ServerFault',
    'the server had an internal error',
    'It is tried again by itself; its log tells more.',
  ),
  XX001: stop('ServerFault', 'the server found damaged data', 'Look into its log.'),
  XX002: stop('ServerFault', 'the server found a damaged index', 'Look into its log; REINDEX may help.'),
};

const CERTIFICATE = 'Name the authority in tls.ca, or say how far to verify in tls.mode.';
const OWN =
  'Give one (tls.cert, tls.key) that it takes, with its chain up to an authority of its ssl_ca_file.';

/** By Node's error code (`error.code` of net, dns and tls). */
export const networkCodes: Readonly<Record<string, FailureClass>> = {
  ECONNREFUSED: retry(
    'ConnectionFailed',
    'nothing listens there',
    'Check host and port, and that the server runs and listens on this address.',
  ),
  ENOTFOUND: retry('ConnectionFailed', 'the host is unknown', "Check the host's name."),
  EAI_FAIL: retry(
    'ConnectionFailed',
    "the host's name cannot be looked up now",
    "Check the host's name and the name server.",
  ),
  EAI_AGAIN: retry(
    'ConnectionFailed',
    "the host's name cannot be looked up now",
    "Check the host's name and the name server.",
  ),
  ENOENT: retry(
    'ConnectionFailed',
    'there is no such socket',
    'Check the folder and the port, and that the server runs.',
  ),
  EACCES: stop('ConnectionFailed', 'this user may not open the socket', "Check the socket's permissions."),
  ETIMEDOUT: retry('ConnectionFailed', 'the server does not answer', 'Check host, port and firewall.'),
  EHOSTUNREACH: retry('ConnectionFailed', 'the host cannot be reached', 'Check host, network and firewall.'),
  ENETUNREACH: retry(
    'ConnectionFailed',
    'the network cannot be reached',
    'Check host, network and firewall.',
  ),
  ECONNRESET: retry('ConnectionLost', 'the connection broke'),
  EPIPE: retry('ConnectionLost', 'the connection broke'),
  ECONNABORTED: retry('ConnectionLost', 'the connection broke'),
  ENETDOWN: retry('ConnectionFailed', 'the network is down', 'Check the network.'),
  EHOSTDOWN: retry('ConnectionFailed', 'the host is down', 'Check the host.'),
  EADDRNOTAVAIL: retry('ConnectionFailed', 'this machine has no port left to connect from'),
  EMFILE: retry('ConnectionFailed', 'this process may open no more files', 'Raise its limit (ulimit -n).'),
  ENFILE: retry('ConnectionFailed', 'this machine may open no more files', 'Raise its limit (fs.file-max).'),
  ENOBUFS: retry('ConnectionFailed', 'this machine has no memory left for connections'),
  ENOMEM: retry('ConnectionFailed', 'this machine has no memory left for connections'),
  ENOTCONN: retry('ConnectionLost', 'the connection broke'),
  ENETRESET: retry('ConnectionLost', 'the connection broke'),
  EPROTO: retry('ConnectionLost', 'the connection broke'),
  ERR_STREAM_PREMATURE_CLOSE: retry('ConnectionLost', 'the connection broke'),
  ERR_STREAM_DESTROYED: retry('ConnectionLost', 'the connection broke'),
  STALLED: retry('ConnectionLost', 'the server fell silent'),
  SELF_SIGNED_CERT_IN_CHAIN: stop(
    'TlsFailed',
    "the server's certificate comes from an unknown authority",
    CERTIFICATE,
  ),
  DEPTH_ZERO_SELF_SIGNED_CERT: stop('TlsFailed', "the server's certificate is signed by itself", CERTIFICATE),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: stop(
    'TlsFailed',
    "the server's certificate comes from an unknown authority",
    CERTIFICATE,
  ),
  UNABLE_TO_GET_ISSUER_CERT: stop(
    'TlsFailed',
    "the server's certificate comes from an unknown authority",
    CERTIFICATE,
  ),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: stop(
    'TlsFailed',
    "the server's certificate comes from an unknown authority",
    CERTIFICATE,
  ),
  CERT_HAS_EXPIRED: stop('TlsFailed', "the server's certificate has expired", 'Renew it.'),
  CERT_NOT_YET_VALID: stop(
    'TlsFailed',
    "the server's certificate is not valid yet",
    'Check the clocks of both machines.',
  ),
  CERT_REVOKED: stop('TlsFailed', "the server's certificate was revoked", 'Renew it.'),
  ERR_TLS_CERT_ALTNAME_INVALID: stop(
    'TlsFailed',
    "the server's certificate is for another host",
    'Use the host that the certificate names, or verify-ca in tls.mode.',
  ),
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: stop(
    'TlsFailed',
    'the client certificate comes from an authority that the server does not know',
    OWN,
  ),
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: stop(
    'TlsFailed',
    'the server does not take the client certificate',
    OWN,
  ),
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: stop('TlsFailed', 'the client certificate has expired', OWN),
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: stop('TlsFailed', 'the client certificate was revoked', OWN),
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: stop(
    'TlsFailed',
    'the server asks for a client certificate',
    OWN,
  ),
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: stop(
    'TlsFailed',
    'the server speaks no version of TLS that is safe',
    'Let it speak TLS 1.2 or newer.',
  ),
};

/** Of OpenSSL's other codes (`ERR_SSL_…`): a record that was garbled on its way, say. */
export const brokenTls = retry(
  'TlsFailed',
  'the encryption of the connection failed',
  'If it lasts, check the versions of TLS and the ciphers that both sides take.',
);

/** By message, where pg gives no code. These messages are pg's own and hold no values. */
export const clientMessages: readonly (readonly [RegExp, FailureClass])[] = [
  [
    /does not support SSL connections/,
    stop(
      'TlsFailed',
      'the server does not speak TLS',
      'Turn TLS on there; or, on a network you trust, say so in tls.mode.',
    ),
  ],
  [
    /establishing an SSL connection/,
    stop(
      'TlsFailed',
      'the server does not speak TLS',
      'Check that a PostgreSQL server listens on this port.',
    ),
  ],
  [
    /timeout expired|connection timeout|trying to connect/,
    retry('ConnectionFailed', 'the server does not answer', 'Check host, port and firewall.'),
  ],
  [/^Query read timeout/, retry('Timeout', 'the server gave no answer within queryTimeout')],
  [/^Connection terminated|not queryable/, retry('ConnectionLost', 'the connection broke')],
  [
    /SASL|SCRAM|password must be a string|Unknown authenticationOk/i,
    stop('AuthenticationFailed', 'the password is wrong or missing', 'Check the username and the password.'),
  ],
];

/** What a SQLSTATE means; undefined for one that is not in the table. */
export function classifySqlstate(code: string): FailureClass | undefined {
  return sqlstates[code] ?? sqlstates[code.slice(0, 2)];
}
