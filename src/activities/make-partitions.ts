import { type ClientBase, DatabaseError } from 'pg';
import { createPartitions, readPartitions } from '../destination/native-partitions';
import { type Interval, without } from '../plan/intervals';
import type { TableSpec } from '../plan/table-spec';
import { hasSqlstate } from '../postgres/describe-error';
import { readFirst } from '../source/read-first';

/**
 * Makes the native partitions that a batch's rows need, before its transaction. Asks the source where it has rows, one
 * look at its index for each partition, so that a row of long ago does not make thousands of empty ones.
 */
export async function makePartitions(
  reader: ClientBase,
  writer: ClientBase,
  spec: TableSpec,
  range: Interval,
): Promise<void> {
  if (spec.partitionWidth === undefined) return;
  const { column, kind } = spec.cursor;
  const width = BigInt(spec.partitionWidth);
  const missing: Interval[] = [];
  for (const stretch of without([range], await readPartitions(writer, spec.destination, kind))) {
    for (let at = stretch.lower; at < stretch.upper;) {
      const first = await readFirst(
        reader,
        { table: spec.source, column, kind },
        { lower: at, upper: stretch.upper },
      );
      if (first === undefined) break;
      const lower = first - (((first % width) + width) % width);
      at = lower + width;
      if (missing.at(-1)?.lower !== lower) missing.push({ lower, upper: at });
    }
  }
  if (missing.length > 0) await createPartitions(writer, spec.destination, kind, missing);
}

/** A row came to a stretch that was empty when its partitions were made. */
export class PartitionMissing extends Error {}

/** Tells a row that no partition was made for from one that breaks a check. @throws {@link PartitionMissing} */
export async function expectPartitions<T>(spec: TableSpec, writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    const isCheck = !(error instanceof DatabaseError) || error.constraint !== undefined;
    if (spec.partitionWidth === undefined || isCheck || !hasSqlstate(error, '23514')) throw error;
    throw new PartitionMissing('a row came late, to a stretch that has no partition yet');
  }
}
