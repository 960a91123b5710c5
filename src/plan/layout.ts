import { z } from 'zod';

export const partitionings = ['hypertable', 'native', 'none'] as const;
export type Partitioning = (typeof partitionings)[number];

/** One of a hypertable's dimensions. A time dimension's chunks are that many microseconds wide, also those of a date. */
export type Dimension = { column: string } & (
  | { kind: 'time'; microseconds: bigint }
  | { kind: 'integer'; width: bigint }
  | { kind: 'space'; partitions: number }
);

export interface CompressionSettings {
  segmentBy: string[];
  /** Empty where TimescaleDB chooses. */
  orderBy: { column: string; descending: boolean; nullsFirst: boolean }[];
}

export const policySchema = z.object({
  kind: z.enum(['compression', 'retention']),
  /** An interval as text: how old rows are by the time dimension, or how long ago their chunk was made. */
  after: z.string(),
  by: z.enum(['rows', 'creation']),
  scheduleInterval: z.string(),
});
export type Policy = z.infer<typeof policySchema>;

/** How a hypertable is parted and kept, as far as a copy of it can be alike. */
export interface HypertableLayout {
  /** The primary dimension first. */
  dimensions: Dimension[];
  /** Undefined where its chunks are never compressed. */
  compression: CompressionSettings | undefined;
  policies: Policy[];
}

/** What a table at the destination is parted into when Tidemark makes it. */
export type Partitions =
  | { kind: 'none' }
  | { kind: 'native' }
  | { kind: 'hypertable'; dimensions: Dimension[]; compression: CompressionSettings | undefined };

/** A chunk's stretch of the primary dimension, `[lower, upper)`: microseconds since the Unix epoch, or integers. */
export interface ChunkState {
  lower: bigint;
  upper: bigint;
  compressed: boolean;
}
