import { z } from 'zod';
import { reconcileDepths } from '../plan/table-spec';
import { object } from './strict-object';
import { column } from './values';

export const reconcileDefaults = { retention: 'keep', reconcile: 'off', deleteLimit: 10 } as const;

const softColumn = column.describe(
  'Column of the destination that tells when a row was found to be gone; NULL for rows that are there.',
);

/** How what changes behind the watermark is looked for, and what is done with it; keys of a table and of `defaults`. */
export const reconcileSettings = {
  reconcile: z.enum(reconcileDepths, { error: 'there is no such depth|Write off, hinted or full' }).meta({
    default: reconcileDefaults.reconcile,
    description:
      'Whether every sync looks for late rows, updates and deletes behind the watermark once it has copied what is new: `hinted` where something may have changed, `full` everywhere. `tidemark reconcile` does so whenever it is asked to.',
  }),
  deletes: z
    .union([z.enum(['mirror', 'keep']), object({ soft: softColumn })], {
      error: 'there is no such way to treat deletes|Write mirror, keep, or { soft: deleted_at }',
    })
    .meta({
      examples: ['mirror', 'keep', { soft: 'deleted_at' }],
      description:
        'What `reconcile` does with rows that are gone at the source: `mirror` removes them, `keep` keeps them, `{ soft: column }` sets that column of the destination (timestamptz) to the time at which it was found out. Default: `keep` in mode upsert; `mirror` in the other modes, which rewrite intervals and know no other.',
    }),
  retention: z.enum(['keep', 'mirror'], { error: 'there is no such retention|Write keep or mirror' }).meta({
    default: reconcileDefaults.retention,
    description:
      'What becomes of rows whose chunk was dropped at the source (`drop_chunks`, a retention policy): `keep` leaves the destination an archive, `mirror` treats them as deleted.',
  }),
  deleteLimit: z
    .number({ error: 'this must be a number from 0 to 100|Write it such as 10, for 10 %' })
    .min(0, 'this is below zero|Write a number from 0 to 100')
    .max(100, 'this is more than all|Write a number from 0 to 100')
    .meta({
      default: reconcileDefaults.deleteLimit,
      description:
        "The most of a table's rows at the destination, in percent, that one run may delete or mark by itself because they are gone at the source: a `reconcile`, or a sync that rewrites its lookback in mode replace. Beyond it stops, and asks for `tidemark reconcile --allow-deletes`.",
    }),
};
