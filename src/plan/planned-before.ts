import { coveredParts } from './chunk-stretches';
import { type CursorKind, formatCursorValue, parseCursorValue } from './cursor-value';
import type { Interval } from './intervals';
import type { TableSpec } from './table-spec';

/**
 * What earlier runs planned, and so copied or left as intervals, in order: from their start to where the last one ended,
 * and what is stored of the time when the start was lower.
 */
export function plannedBefore(
  { cursor: { kind }, start, plannedBelow = [] }: Pick<TableSpec, 'cursor' | 'start' | 'plannedBelow'>,
  planned: bigint,
): Interval[] {
  const stretches = plannedBelow.map(({ lower, upper }) => ({
    lower: parseCursorValue(kind, lower),
    upper: parseCursorValue(kind, upper),
  }));
  const last = { lower: parseCursorValue(kind, start), upper: planned };
  return [...stretches, last].filter(({ lower, upper }) => lower < upper);
}

/** What of it is to be stored beside a start, for the day when that moves down again. */
export function plannedBelow(kind: CursorKind, before: Interval[], start: bigint): TableSpec['plannedBelow'] {
  const [first] = before;
  if (first === undefined || first.lower >= start) return undefined;
  return coveredParts({ lower: first.lower, upper: start }, before).map(({ lower, upper }) => ({
    lower: formatCursorValue(kind, lower),
    upper: formatCursorValue(kind, upper),
  }));
}
