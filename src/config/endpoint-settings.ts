import { z } from 'zod';
import { object } from './strict-object';
import { positiveDuration, text, timeOfDay, timeZone, wholeNumber } from './values';

const tls = object({
  mode: z
    .enum(['verify-full', 'verify-ca', 'require', 'disable'], {
      error: 'there is no such TLS mode|Write verify-full, verify-ca, require or disable',
    })
    .meta({
      default: 'verify-full',
      description:
        'What is asked of the server: `verify-full` a certificate that is trusted and made out to this host, `verify-ca` one signed by `ca`, `require` encryption alone, `disable` nothing. Default on loopback and unix sockets: `disable`.',
    }),
  ca: text.describe(
    'Path of the certificates (PEM) that are trusted. Default: those that come with Node.js.',
  ),
  cert: text.describe('Path of a client certificate (PEM).'),
  key: text.describe("Path of the client certificate's key (PEM)."),
  passphrase: text.describe(
    'What opens the key, where it is encrypted. Better taken from the environment: `${KEY_PASSPHRASE}`.',
  ),
}).partial();

export const endpoint = object({
  url: text.describe(
    'Where it is, as a URL: `postgresql://user:password@host:5432/database`. `sslmode`, `sslrootcert`, `sslcert`, `sslkey` and `sslpassword` in it are honoured, as `tls` would be.',
  ),
  host: text.describe('Or, instead of `url`: host name, address, or folder of a unix socket.'),
  port: wholeNumber(1, 65_535).meta({ default: 5432, description: 'Port.' }),
  database: text.describe('Database.'),
  username: text.describe('Role to log in as.'),
  password: text.describe('Its password. Better taken from the environment: `${PASSWORD}`.'),
  configuration: text.describe(
    'Or, instead of these: path of a JSON file with HOST, PORT, DATABASE, USERNAME and PASSWORD, all strings.',
  ),
  tls: tls.describe('How the connection is encrypted.'),
  maxConnections: wholeNumber(1, 1000).meta({
    default: 4,
    description: 'The most connections that a sync takes here, all tables together.',
  }),
  connectTimeout: positiveDuration.meta({
    default: '10 seconds',
    description: 'How long connecting may take.',
  }),
  queryTimeout: positiveDuration.meta({ default: '15 minutes', description: 'How long one query may take.' }),
}).partial();

const hours = object({
  from: timeOfDay.describe('When reading may begin.'),
  to: timeOfDay.describe('When it ends; before `from`: on the day after.'),
  timeZone: timeZone.prefault('UTC').describe('Whose clock that is.'),
}).refine(({ from, to }) => from !== to, {
  error: 'from and to are the same time|Leave hours out to read at any time',
});

export const source = object({
  ...endpoint.shape,
  maxRowsPerSecond: wholeNumber(1, 1_000_000_000)
    .optional()
    .describe(
      'The most rows per second that a sync reads, all its tables, runs and workers together. Default: as fast as it goes.',
    ),
  hours: hours
    .optional()
    .describe(
      'The hours of the day in which a sync reads it. Outside them runs wait; what is under way when they end ends with its batch. Default: at any time.',
    ),
});

export type EndpointKeys = z.output<typeof endpoint>;
export type SourceKeys = z.output<typeof source>;
