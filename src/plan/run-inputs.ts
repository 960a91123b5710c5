import { z } from 'zod';
import { alarmHealths } from './alarms';
import { syncName, tableText } from './names';

/*
 * What runs of tables, and the signals between runs, must hold at the least. Any client may send them; in use they come
 * from other runs, also of earlier and later versions, so that what is not known here is let through.
 */

const lanes = z.int().min(1).max(1000);
const batch = z.object({ rows: z.int().min(1).optional(), bytes: z.int().min(1).optional() });
const bound = z.string().min(1).max(100);

export const syncTableInputSchema = z.looseObject({
  sync: syncName,
  table: tableText,
  paused: z.boolean(),
  lanes,
  batch: batch.optional(),
  again: z.array(z.looseObject({ lower: bound, upper: bound, rewrite: z.boolean() })).optional(),
  allowDeletes: z.boolean().optional(),
  stallMs: z.number().min(1).optional(),
});

export const reconcileTableInputSchema = z.looseObject({
  sync: syncName,
  table: tableText,
  lanes,
  depth: z.enum(['hinted', 'full']),
  repair: z.boolean(),
  allowDeletes: z.boolean(),
  from: bound.optional(),
  to: bound.optional(),
  restarts: z.int().min(0).optional(),
});

export const watchInputSchema = z.looseObject({ sync: syncName });

/** The signal `steer`, of a table's run. */
export const steerArgs = args(
  z.object({
    paused: z.boolean(),
    lanes,
    batch: batch.optional(),
    number: z.int().min(1),
    skip: z.literal(true).optional(),
  }),
);

/** The signal `steered`, of a sync's run. */
export const steeredArgs = args(tableText, z.int().min(1));

/** The signal `setPaused`, of a table's run. */
export const setPausedArgs = args(z.boolean());

/** What a run tells of a table. */
export const observationSchema = z.object({
  table: tableText,
  health: z.enum(alarmHealths),
  watermark: bound.nullable(),
  message: z.string().optional(),
});

/** The signal `observed`, of a watch. No sync has more tables. */
export const observedArgs = args(z.array(observationSchema).max(10_000));

function args(...schemas: [z.ZodType, ...z.ZodType[]]): z.ZodType {
  return z.tuple(schemas).rest(z.unknown());
}
