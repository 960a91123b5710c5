import { z } from 'zod';

/** Where a stretch of the cursor column stands; of several in one cell of a strip, the first of these shows. */
export const stretchStates = ['differing', 'underWay', 'waiting', 'dropped', 'copied'] as const;
export type StretchState = (typeof stretchStates)[number];

/** A strip is as many cells wide, whatever the table's span: ten thousand chunks are merged to what can be seen. */
export const STRIP_CELLS = 1_000;

const cell = z.int().min(0).max(STRIP_CELLS);
/** Cursor values are PostgreSQL's text, and the range is half-open. */
const stretch = z.strictObject({ at: cell, cells: cell, from: z.string(), to: z.string() });

const stripSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  /** The cell that the watermark is at; null where there is none. */
  watermark: cell.nullable(),
  /** Sorted, without overlap, neighbours of one state joined; `count` intervals or chunks went into it. */
  stretches: z.array(stretch.extend({ state: z.enum(stretchStates), count: z.int() })),
  /** The source's chunks, several as one where they are too narrow to be told apart. */
  chunks: z.array(stretch.extend({ count: z.int(), compressed: z.boolean() })),
});
export type Strip = z.infer<typeof stripSchema>;

/** Rows and bytes a second, the oldest first, a point in {@link RATE_STEP_MS}; null where nobody looked. */
const ratesSchema = z.strictObject({
  rows: z.array(z.number().nullable()),
  bytes: z.array(z.number().nullable()),
});
export type Rates = z.infer<typeof ratesSchema>;
export const RATE_STEP_MS = 5_000;
/** Milliseconds (of an integer cursor column: values), the oldest first; null where nobody looked. */
const lagsSchema = z.array(z.number().nullable());
export const LAG_STEP_MS = 60_000;

const lagSchema = z.union([
  z.strictObject({ ms: z.number() }),
  z.strictObject({ ticks: z.string() }),
  z.strictObject({ unknown: z.string() }),
]);

const tableSchema = z.strictObject({
  table: z.string(),
  /** Of the run under way; else by the checkpoint: `copied`, `begun`, `not copied`, or `unknown`. */
  state: z.string(),
  /** Copied by all runs so far; null where the destination has not answered. */
  rows: z.number().nullable(),
  watermark: z.string().nullable(),
  lag: lagSchema.nullable(),
  /** How much of the run's intervals has been copied, from 0 to 1; null where none is under way. */
  part: z.number().nullable(),
  intervals: z.int(),
  intervalsLeft: z.int(),
  chunks: z.int().nullable(),
  completedAt: z.string().nullable(),
  reconciledAt: z.string().nullable(),
  /** What went wrong, or holds it up: of the run under way, or the last one. */
  trouble: z.string().nullable(),
  warnings: z.array(z.string()),
  rowsPerSecond: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  rates: ratesSchema,
  lags: lagsSchema,
  /** Null where nothing is known of its span. */
  strip: stripSchema.nullable(),
  /** Its run in Temporal's page, where that is known. */
  link: z.string().nullable(),
});
export type TableSnapshot = z.infer<typeof tableSchema>;

const runSchema = z.strictObject({
  workflowId: z.string(),
  runId: z.string(),
  kind: z.enum(['sync', 'reconcile']),
  /** As Temporal says it, in lower case: running, completed, failed, canceled, terminated, timed_out. */
  status: z.string(),
  /** It is under way, and begins no more batches until it is resumed. */
  paused: z.boolean(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  error: z.string().nullable(),
  /** What went wrong with a table of it, by name. */
  tables: z.record(z.string(), z.string()),
  link: z.string().nullable(),
});
export type RunSnapshot = z.infer<typeof runSchema>;

/** `pending`: it has not answered yet. */
const partSchema = z.strictObject({
  state: z.enum(['ok', 'failed', 'pending']),
  /** What is wrong and what to do; null where nothing is. */
  message: z.string().nullable(),
  /** When it was last read, ISO 8601. */
  at: z.string().nullable(),
});
export type PartSnapshot = z.infer<typeof partSchema>;

/** All that the page shows, as `/api/snapshot` serves it. Names, counts, bounds and our own words: no row, no secret. */
export const snapshotSchema = z.strictObject({
  sync: z.string(),
  version: z.string(),
  /** Whether it is served with `--allow-actions`. */
  actions: z.boolean(),
  at: z.string(),
  temporal: partSchema,
  source: partSchema,
  destination: partSchema,
  /** What runs, in a sentence. */
  run: z.string(),
  /** What holds the horizon back, or why that is not known, in a sentence; null where nothing does. */
  horizon: z.string().nullable(),
  rowsPerSecond: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  rates: ratesSchema,
  tables: z.array(tableSchema),
  /** The newest first. */
  runs: z.array(runSchema),
  rateStepMs: z.number(),
  lagStepMs: z.number(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;
