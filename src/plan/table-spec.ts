import { z } from 'zod';
import { cursorKinds } from './cursor-value';
import { policySchema } from './layout';

const tableName = z.object({ schema: z.string(), name: z.string() });

export const writeModes = ['upsert', 'replace', 'append'] as const;
export type WriteMode = (typeof writeModes)[number];

/** Distances that pgvector's HNSW indexes know. */
export const metrics = ['cosine', 'l2', 'ip', 'l1'] as const;
export type Metric = (typeof metrics)[number];

const hnswSchema = z.object({ column: z.string(), operatorClass: tableName });
export type HnswIndex = z.infer<typeof hnswSchema>;

/**
 * How a table is copied, settled once when a run is planned and kept beside its checkpoint, so that every worker
 * reads and writes the same columns in the same way until the run ends.
 */
export const tableSpecSchema = z.object({
  source: tableName,
  destination: tableName,
  columns: z.array(z.object({ name: z.string(), sourceType: z.string(), destinationType: z.string() })),
  cursor: z.object({ column: z.string(), kind: z.enum(cursorKinds) }),
  /** Where its first load began, as PostgreSQL's text. */
  start: z.string(),
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
  /** The destination can find an interval's rows by an index on the cursor column. */
  cursorIndexed: z.boolean(),
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
