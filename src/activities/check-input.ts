import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
import { cursorKinds, isCursorText } from '../plan/cursor-value';
import { alarmHealths } from '../plan/alarms';
import { syncName, tableText } from '../plan/names';
import { readInput } from '../plan/read-input';
import { observationSchema } from '../plan/run-inputs';
import { deletesSchema } from '../plan/table-spec';
import { syncInputSchema } from '../plan/wire';
import { IdentifierError, parseTableName } from '../postgres/identifiers';
import type { Activities } from './index';

/*
 * What activities must be given at the least. Workflows of earlier and later versions call them, and so may a foreign
 * one, so that what is not known here is let through.
 */

const table = tableText.refine(isTableName, { error: 'this is no name of a table in SQL' });
const bound = z.string().max(100).refine(isCursorText, { error: 'this is no cursor value' });
const range = z.object({ lower: bound, upper: bound });
const epoch = z.int().min(0);
const interval = z.object({
  ...range.shape,
  id: z.int(),
  position: bound,
  width: z
    .string()
    .regex(/^\d{1,30}$/)
    .optional(),
});
const asked = {
  sync: syncName,
  table,
  from: z.string().max(100).optional(),
  to: z.string().max(100).optional(),
};
const watched = z.object({ health: z.enum([...alarmHealths, 'lagging']), watermark: z.string().nullable() });

const schemas = {
  planSync: syncInputSchema.loose(),
  completeIdle: z.object({ sync: syncName, tables: z.array(table) }),
  planTable: z.object({
    sync: syncName,
    table,
    again: z.array(range.extend({ rewrite: z.boolean() })).optional(),
    allowDeletes: z.boolean().optional(),
  }),
  copyBatch: z.object({
    sync: syncName,
    table,
    epoch,
    interval,
    rows: z.int().min(1),
    straight: z.boolean(),
  }),
  compressInterval: z.object({ sync: syncName, table, epoch, interval }),
  completeTable: z.object({ sync: syncName, table, epoch, horizonAt: z.number().optional() }),
  planReconcile: z.object({ ...asked, depth: z.enum(['hinted', 'full']), repair: z.boolean() }),
  comparePortion: z.object({
    sync: syncName,
    table,
    portion: range.extend({ cuts: z.array(bound) }),
    rules: z.object({ deletes: deletesSchema, softColumn: z.string().optional() }),
  }),
  raiseAlarms: z.object({
    sync: syncName,
    tables: z.record(z.string(), watched),
    observations: z.array(observationSchema),
  }),
  weighDeletes: z.object({ sync: syncName, table, gone: z.int().min(0) }),
  completeReconcile: z.object({
    ...asked,
    kind: z.enum(cursorKinds),
    seenBy: z.string(),
    remaining: z.array(range),
  }),
} satisfies Record<keyof Activities, z.ZodType>;

/** Fails, without retries, what is not called as it should be. Nothing of the input is in the failure. */
export function checkInput(activity: keyof Activities, input: unknown): void {
  const { problem } = readInput(
    schemas[activity],
    input,
    'Runs of Tidemark call its activities: start one, with {"sync": "name"}.',
  );
  if (problem === undefined) return;
  throw ApplicationFailure.create({ type: 'InvalidInput', message: problem, nonRetryable: true });
}

function isTableName(text: string): boolean {
  try {
    parseTableName(text);
    return true;
  } catch (error) {
    if (error instanceof IdentifierError) return false;
    throw error;
  }
}
