import { z } from 'zod';
import { writeModes } from '../plan/table-spec';
import { schedules } from './schedule-settings';
import { reconcileDefaults, reconcileSettings } from './reconcile-settings';
import { object } from './strict-object';
import { targetDefaults, targetSettings } from './target-settings';
import {
  column,
  columnTypes,
  duration,
  lookback,
  size,
  webUrl,
  start,
  tableName,
  tablePattern,
  text,
  timeOfDay,
  timeZone,
  wholeNumber,
} from './values';

/** What holds for a table where neither it nor `defaults` says otherwise. */
export const tableDefaults = {
  lookback: '0 seconds',
  start: '1990-01-01',
  batch: { rows: 200_000, bytes: '16 MB' },
  order: 'oldest',
  ...reconcileDefaults,
  ...targetDefaults,
} as const;

const flag = z.boolean({ error: 'this must be true or false|Write true or false' });

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

const endpoint = object({
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
  connectTimeout: duration.meta({ default: '10 seconds', description: 'How long connecting may take.' }),
  queryTimeout: duration.meta({ default: '15 minutes', description: 'How long one query may take.' }),
}).partial();

const hours = object({
  from: timeOfDay.describe('When reading may begin.'),
  to: timeOfDay.describe('When it ends; before `from`: on the day after.'),
  timeZone: timeZone.prefault('UTC').describe('Whose clock that is.'),
}).refine(({ from, to }) => from !== to, {
  error: 'from and to are the same time|Leave hours out to read at any time',
});

const source = object({
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

const columns = z.array(column, { error: 'this must be a list of columns|Write it such as [id]' });

const settings = {
  cursor: column.describe(
    'Column that orders the reading: timestamptz, timestamp, date, smallint, integer or bigint. Default: the time dimension of a hypertable.',
  ),
  key: columns
    .min(1, 'this list is empty|Name the columns, or leave the key out')
    .describe(
      'Columns that tell rows apart at the destination; of several rows with one key the newest is kept. Default: the primary key.',
    ),
  mode: z
    .enum(writeModes, {
      error: 'there is no such write mode|Write upsert, replace or append',
    })
    .describe(
      'How rows are written: `upsert` by key, `replace` an interval by what the source holds in it, `append`. Default: `upsert` with a key, else `replace`.',
    ),
  exclude: columns.meta({ default: [], description: 'Columns to leave out.' }),
  lookback: lookback.meta({
    default: tableDefaults.lookback,
    description:
      'How far below the watermark every run reads again, for late rows. A whole number for an integer cursor column. Not with `append`.',
  }),
  start: start.meta({
    default: tableDefaults.start,
    description:
      'Where the first load begins; without an offset, in UTC. A whole number for an integer cursor column, which by default is read from its first row. `none`: at the very first row.',
  }),
  batch: object({
    rows: wholeNumber(1, 10_000_000).meta({
      default: tableDefaults.batch.rows,
      description: 'The most rows in a batch (rows with one cursor value stay together).',
    }),
    bytes: size.meta({
      default: tableDefaults.batch.bytes,
      description: 'About how much a batch may hold; whichever is reached first ends it.',
    }),
  })
    .partial()
    .describe('How much is written in one transaction.'),
  types: columnTypes.describe(
    "Column → type at the destination, in SQL, where it should differ; pgvector's without a schema. Vectors and arrays of numbers are converted.",
  ),
  ...targetSettings,
  timeZone: timeZone.describe('How a timestamp without time zone is to be read. Default: UTC.'),
  order: z.enum(['oldest', 'newest'], { error: 'there is no such order|Write oldest or newest' }).meta({
    default: tableDefaults.order,
    description: 'Which intervals of a first load are copied first.',
  }),
  ...reconcileSettings,
};

const table = object({
  name: tablePattern.describe(
    'Table, or a pattern with `*` and `?`, as written in SQL: `public.sensor_data`, `\'public."Odd ""name"""\'`. Without a schema: `public`.',
  ),
  target: tableName.describe("Table at the destination. Default: the source's name.").optional(),
  ...object(settings).partial().shape,
});

const keyId = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'this is not an ID for a key|Use at most 64 letters, digits, dots, - and _');

const encryption = object({
  key: keyId.describe('ID of the key that encrypts; one of `keys`.'),
  keys: z
    .record(
      keyId,
      z.union([text, object({ file: text.describe('Path of a file that holds the key, in base64.') })], {
        error: "this must be a key or a file that holds it|Write '${VARIABLE}' or { file: … }",
      }),
      { error: "this must map IDs to keys|Write it such as { k1: '${VARIABLE}' }" },
    )
    .describe(
      'ID → key: 32 bytes in base64, taken from the environment (`${VARIABLE}`), or `{ file: path }`. All that may be needed to decrypt.',
    ),
  acceptPlaintext: flag.optional().meta({
    default: false,
    description:
      'Whether payloads that are not encrypted are taken as well: until the runs have ended that were under way when encryption was turned on.',
  }),
});

const temporal = object({
  address: text.describe('`host:port` of the Temporal server.'),
  namespace: text.meta({ default: 'default', description: 'Namespace.' }),
  taskQueue: text.describe("Task queue of the sync's workers."),
  profile: text.describe("Profile in Temporal's own configuration file."),
  tls: z
    .union(
      [
        flag,
        object({
          ca: text.describe('Path of the certificates that are trusted.'),
          cert: text.describe('Path of a client certificate.'),
          key: text.describe("Path of the client certificate's key."),
          passphrase: text.describe('What opens the key, where it is encrypted.'),
          serverName: text.describe('Name in the certificate of the server, where it is not the host.'),
        }).partial(),
      ],
      { error: 'this must be true, false, or keys such as ca|Write tls: true' },
    )
    .describe('Whether, and how, the connection is encrypted.'),
  apiKey: text.describe('API key. Better taken from the environment: `${TEMPORAL_API_KEY}`.'),
  encryption: encryption.describe(
    'Encrypts what Temporal stores of runs: inputs, results, failures. Also with the embedded server.',
  ),
}).partial();

const alarms = object({
  webhook: webUrl.describe(
    'URL to which changes are posted. It is a secret, better taken from the environment: `${ALARM_WEBHOOK}`.',
  ),
  format: z
    .enum(['json', 'slack'], { error: 'there is no such format|Write json or slack' })
    .prefault('json')
    .describe(
      '`json`: `{"sync", "alarms": [{"table", "health", "before", "message"}]}`; `slack`: a message as Slack takes it.',
    ),
  lag: duration
    .optional()
    .describe(
      'How far a watermark may stay behind the present, whether runs come or not: more than the time from one run to the next, `settleDelay` and a run together. Default: however far.',
    ),
  stall: duration
    .prefault('15 minutes')
    .describe('How long a run of a table may go without copying a batch.'),
});

/** The configuration file. Defaults of tables are merged later: a table's setting counts first, then `defaults`. */
export const fileSchema = object({
  $schema: text.optional().describe('Where the JSON Schema of this file is, for editors.'),
  name: text
    .regex(
      /^[a-z0-9][a-z0-9_-]*$/,
      'this is not a name for a sync|Use a to z, 0 to 9, - and _, such as plant-1',
    )
    .max(100, 'this is too long|Use at most 100 letters')
    .describe('Name of the sync. Progress at the destination is kept under it.'),
  source: source.describe('The database that is read.'),
  destination: endpoint.describe('The database that is written to.'),
  settleDelay: duration
    .prefault('10 seconds')
    .describe("How far reading stays behind the source's now, for transactions that are about to commit."),
  parallelism: object({
    tables: wholeNumber(1, 100).prefault(2).describe('Tables copied at once.'),
    intervals: wholeNumber(1, 100).prefault(2).describe('Intervals of each table copied at once.'),
  })
    .prefault({})
    .describe('How much is done at once. `maxConnections` bounds it as well.'),
  defaults: object(settings)
    .partial()
    .prefault({})
    .describe(
      'What holds for all tables that do not say otherwise. `batch`, `types` and `columns` are merged key by key.',
    ),
  tables: z
    .array(
      z.union([tablePattern.transform((name) => ({ name })), table], {
        error: 'this must be a table|Write { name: public.sensor_data, cursor: time }',
      }),
      {
        error: 'this must be a list of tables|Write - { name: public.sensor_data, cursor: time }',
      },
    )
    .min(1, 'this list is empty|Name at least one table')
    .describe('What is copied. A name alone is short for `{ name: … }`.'),
  alarms: alarms
    .optional()
    .describe('Who is told when a table fails, lags, stalls, drifts or recovers. Default: nobody.'),
  schedules: schedules
    .optional()
    .describe('When runs begin by themselves. `tidemark schedule apply` makes it so; a worker has to run.'),
  temporal: temporal
    .optional()
    .describe(
      "Temporal server. Default: Temporal's own configuration file and TEMPORAL_* variables; where they name no address either, an embedded server in `.tidemark/`.",
    ),
});

export type FileConfig = z.output<typeof fileSchema>;
export type EndpointKeys = z.output<typeof endpoint>;
export type SourceKeys = z.output<typeof source>;
export type TemporalKeys = z.output<typeof temporal>;
export type TableKeys = z.output<typeof table>;
export type EncryptionKeys = z.output<typeof encryption>;
