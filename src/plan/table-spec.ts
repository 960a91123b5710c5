import { z } from 'zod';
import { cursorKinds } from './cursor-value';
import { policySchema } from './layout';
import { isPrintedType } from './printed-type';

const tableName = z.object({ schema: z.string(), name: z.string() });

export const writeModes = ['upsert', 'replace', 'append'] as const;
export type WriteMode = (typeof writeModes)[number];

export const reconcileDepths = ['off', 'hinted', 'full'] as const;
export type ReconcileDepth = (typeof reconcileDepths)[number];

export const deletesSchema = z.union([z.enum(['mirror', 'keep']), z.object({ soft: z.string() })]);
/** What becomes of rows that are gone at the source; `soft` names the column that then holds the time. */
export type Deletes = z.infer<typeof deletesSchema>;

/** A hypertable whose chunks hold a table's rows: its own, or that of a continuous aggregate's materialization. */
const chunksOfSchema = z.object({
  hypertable: tableName,
  /** The cursor column is its primary dimension, so that chunks are stretches of the cursor column. */
  alongCursor: z.boolean(),
  /** Where the source's TimescaleDB keeps which relation holds a compressed chunk's rows. */
  internals: z.enum(['settings', 'ids', 'unknown']),
});
export type ChunksOf = z.infer<typeof chunksOfSchema>;
/** Distances that pgvector's HNSW indexes know. */
export const metrics = ['cosine', 'l2', 'ip', 'l1'] as const;
export type Metric = (typeof metrics)[number];

const hnswSchema = z.object({ column: z.string(), operatorClass: tableName });
export type HnswIndex = z.infer<typeof hnswSchema>;

/** It goes into SQL at either end, so it has to be a type's name and nothing more. */
const printedType = z.string().refine(isPrintedType, 'not the name of a type');

/**
 * How a table is copied, settled once when a run is planned and kept beside its checkpoint, so that every worker
 * reads and writes the same columns in the same way until the run ends.
 */
export const tableSpecSchema = z.object({
  source: tableName,
  destination: tableName,
  columns: z.array(z.object({ name: z.string(), sourceType: printedType, destinationType: printedType })),
  cursor: z.object({ column: z.string(), kind: z.enum(cursorKinds) }),
  /** Where its last plan began, as PostgreSQL's text: the configuration's. */
  start: z.string(),
  /** What was planned below that, in order, while the start was lower. */
  plannedBelow: z.array(z.object({ lower: z.string(), upper: z.string() })).optional(),
  /** Below the start, the destination may hold rows from before a resync, which took none of them. */
  staleBelow: z.boolean().optional(),
  key: z.array(z.string()),
  mode: z.enum(writeModes),
  /** Two source rows can never share a key, so a batch needs no choice between them. */
  keyUnique: z.boolean(),
  /** Types are the same on both ends, and their binary form is: rows can pass through unread. */
  binary: z.boolean(),
  /** Some row may be huge, so rows are read one by one. */
  wide: z.boolean(),
  /** Nothing of this table was ever copied to its end. */
  firstLoad: z.boolean(),
  /** Tidemark made the destination's table for this sync, so an interval that is new is empty there. */
  createdHere: z.boolean(),
  /** The table had its key taken away for its first load: it is built at its end, or as soon as another run goes on with it. */
  keyLater: z.boolean().optional(),
  /** The destination can find an interval's rows by an index on the cursor column. */
  cursorIndexed: z.boolean(),
  /** There where the rows are in chunks. */
  chunks: chunksOfSchema.optional(),
  /** Whether rows of chunks that are dropped at the source stay at the destination. */
  retention: z.enum(['keep', 'mirror']).default('keep'),
  deletes: deletesSchema.default('keep'),
  /** The most of the destination's rows, in percent, that a run may take away without having been asked to. */
  deleteLimit: z.number().default(100),
  /** Native range partitions of the cursor column, this many ticks wide, that batches make where they need them. */
  partitionWidth: z
    .string()
    .regex(/^[1-9]\d*$/)
    .optional(),
  /** What is done to a table that Tidemark made, as soon as what the source has of it is there. */
  afterLoad: z
    .object({
      /** Chunks that are compressed at the source are so here. */
      compress: z.boolean(),
      policies: z.array(policySchema),
      hnsw: z.array(hnswSchema),
    })
    .optional(),
});
export type TableSpec = z.infer<typeof tableSpecSchema>;
export type TableIdentity = z.infer<typeof tableName>;

/**
 * Whether what a key stands for may get another cursor value, by an update or since another of its rows is the newest
 * now: not where the key holds the cursor column.
 */
export function mayMove({ key, cursor }: TableSpec): boolean {
  return key.length > 0 && !key.includes(cursor.column);
}

/**
 * Whether rows that were deleted cannot be told from those of chunks that were dropped, which are to be kept: chunks are
 * no stretches of the cursor column. In modes without a key intervals are rewritten all the same.
 */
export function losesUntold({ mode, chunks, retention }: TableSpec): boolean {
  return mode === 'upsert' && chunks !== undefined && !chunks.alongCursor && retention === 'keep';
}
