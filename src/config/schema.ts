import { z } from 'zod';
import { writeModes } from '../plan/table-spec';
import { alarms } from './alarm-settings';
import { endpoint, source } from './endpoint-settings';
import { reconcileDefaults, reconcileSettings } from './reconcile-settings';
import { schedules } from './schedule-settings';
import { object } from './strict-object';
import { targetDefaults, targetSettings } from './target-settings';
import { temporal } from './temporal-settings';
import {
  column,
  columnTypes,
  duration,
  lookback,
  size,
  start,
  tableName,
  tablePattern,
  text,
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
    .describe(
      "How far reading stays behind the source's now (behind what a standby has replayed), for transactions that are about to commit. Even where all of them show, one shows a moment after it has begun: leave it above zero.",
    ),
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
export type TableKeys = z.output<typeof table>;
