import type { PoolClient } from 'pg';
import { destinationRows } from '../destination/compared-rows';
import { readCheckpoint } from '../destination/read-checkpoint';
import { formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import { joinDifferences } from '../plan/join-differences';
import { MOST_DIFFERENCES, type Portion, type PortionResult } from '../plan/reconcile-wire';
import type { Deletes } from '../plan/table-spec';
import { sourceRows } from '../source/compared-rows';
import { comparedPiece, rangeOf } from './compared-piece';
import { findDifferences } from './find-differences';
import { type Dependencies, resourcesOf } from './dependencies';
import { type Pace, paceOf } from './pace';
import { Problem } from './problem';
import { observeComparison } from './observe-comparison';
import { createPulse } from './pulse';
import { withBothEnds } from './with-both-ends';

export interface CompareInput {
  sync: string;
  table: string;
  portion: Portion;
  rules: CompareRules;
}

/** What counts as a difference, as configured now. */
export interface CompareRules {
  deletes: Deletes;
  /** The column by which the destination marks rows that are gone, where it has it already. */
  softColumn?: string;
}

/**
 * Compares a portion of a table, and narrows what differs down to small intervals. Reads both ends at once, and writes
 * nothing. Where the source has a pace, compares the portion's first piece, and returns the rest.
 */
export async function comparePortion(
  dependencies: Dependencies,
  input: CompareInput,
): Promise<PortionResult> {
  const pulse = createPulse();
  const result = await withBothEnds(resourcesOf(dependencies, input.sync), (reader, writer) =>
    pulse.while(compare(reader, writer, input, paceOf(dependencies, input.sync))),
  );
  observeComparison(dependencies, input, result);
  return result;
}

async function compare(
  reader: PoolClient,
  writer: PoolClient,
  input: CompareInput,
  pace: Pace | undefined,
): Promise<PortionResult> {
  const { portion, rules } = input;
  const checkpoint = await readCheckpoint(writer, input);
  const spec = checkpoint?.spec;
  if (spec == null || checkpoint?.watermark == null)
    throw new Problem('Drift', "the table's checkpoint is gone", 'Run the sync, and compare again.');
  const { kind } = spec.cursor;
  // As it is now: a repair moves it on, and with it the newest rows of keys that are not unique.
  const watermark = parseCursorValue(kind, checkpoint.watermark);
  const piece = pace && (await comparedPiece(reader, spec, portion, watermark, pace.rowsPerSecond));
  const { lower, upper } = piece?.range ?? rangeOf(kind, portion);
  const turn = async (rows: number): Promise<void> => pace?.turn(writer, rows);
  if (piece) await turn(piece.rows);
  const source = await sourceRows(reader, spec, watermark);
  const found = await findDifferences(
    {
      reader,
      writer,
      spec,
      source,
      destination: destinationRows(spec, rules.softColumn),
      keepsExtra: rules.deletes === 'keep' || portion.archive === true,
      turn,
    },
    { lower, upper },
    piece?.cuts ?? portion.cuts.map((cut) => parseCursorValue(kind, cut)),
  );
  const differences = found.differences.map((difference) => ({
    ...difference,
    lower: formatCursorValue(kind, difference.lower),
    upper: formatCursorValue(kind, difference.upper),
    ...(portion.archive && { archive: true as const }),
  }));
  return {
    ...found,
    differences: joinDifferences(kind, differences, MOST_DIFFERENCES),
    ...(piece?.rest && { rest: piece.rest }),
  };
}
