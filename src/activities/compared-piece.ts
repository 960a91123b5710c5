import type { PoolClient } from 'pg';
import { type CursorKind, formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import type { Interval } from '../plan/intervals';
import { nextWidth } from '../plan/pieces';
import type { Portion } from '../plan/reconcile-wire';
import type { TableSpec } from '../plan/table-spec';
import { readComparedSpan } from '../postgres/row-digest';
import { sourceRows } from '../source/compared-rows';
import { countRows } from '../source/count-rows';
import { batchChunks } from './batch-chunks';
import { chooseBatchEnd } from './choose-batch-end';

/** What one activity compares of a portion. */
export interface ComparedPiece {
  range: Interval;
  /** How many rows the source holds there, and what else it has to read for them. */
  rows: number;
  /** Where it is parted first, should it differ. */
  cuts: bigint[];
  rest?: Portion;
}

/**
 * The first piece of a portion, cut as a batch is: about as many rows as may be read in a second. Where a key is not
 * unique at the source, rows are compared with all newer ones of their key; so the portion is compared as a whole, and
 * all rows from there to the watermark count.
 */
export async function comparedPiece(
  reader: PoolClient,
  spec: TableSpec,
  portion: Portion,
  watermark: bigint,
  rowsPerSecond: number,
): Promise<ComparedPiece> {
  const { column, kind } = spec.cursor;
  const cursor = { table: spec.source, column, kind };
  const whole = rangeOf(kind, portion);
  const cuts = portion.cuts.map((cut) => parseCursorValue(kind, cut));
  if (spec.key.length > 0 && !spec.keyUnique) {
    const upper = watermark > whole.upper ? watermark : whole.upper;
    return { range: whole, cuts, rows: await countRows(reader, cursor, { ...whole, upper }) };
  }
  const chunks = await batchChunks(reader, spec, whole);
  const piece = await chooseBatchEnd(reader, cursor, {
    rest: whole,
    rows: rowsPerSecond,
    width: portion.width === undefined ? undefined : BigInt(portion.width),
    stretches: chunks?.stretches ?? [],
  });
  const range = { lower: whole.lower, upper: piece.end };
  const rows = await countRows(reader, cursor, range);
  // Without these, empty stretches at its ends would have it read again and again until its rows are parted.
  const source = await sourceRows(reader, spec, watermark);
  const span = await readComparedSpan(reader, source(range), range);
  const within = [...cuts, ...(span ? [span.min, span.max + 1n] : [])]
    .filter((cut) => cut > range.lower && cut < range.upper)
    .sort((a, b) => (a < b ? -1 : 1));
  const compared = { range, rows, cuts: [...new Set(within)] };
  if (piece.end === whole.upper) return compared;
  const rest: Portion = {
    lower: formatCursorValue(kind, piece.end),
    upper: portion.upper,
    cuts: portion.cuts.filter((cut) => parseCursorValue(kind, cut) > piece.end),
    ...(portion.archive && { archive: true }),
    ...(piece.whole && { width: nextWidth(range, rows, rowsPerSecond).toString() }),
  };
  return { ...compared, rest };
}

export function rangeOf(kind: CursorKind, { lower, upper }: Portion): Interval {
  return { lower: parseCursorValue(kind, lower), upper: parseCursorValue(kind, upper) };
}
