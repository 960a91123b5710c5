import type { Start, TableConfig } from '../config/config';
import { parseStart } from '../config/start';
import {
  type CursorKind,
  durationInTicks,
  isTime,
  parseCursorValue,
  rangeOfKind,
} from '../plan/cursor-value';
import { Problem } from './problem';

/** Where a table's first load begins, in ticks. Throws {@link Problem} where `start` is not of the cursor column's kind. */
export function startInTicks(kind: CursorKind, start: Start): bigint {
  const [lowest] = rangeOfKind(kind);
  if (start === 'none') return lowest;
  if ('ticks' in start) return isTime(kind) ? wrongStart(kind) : BigInt(start.ticks);
  if (!isTime(kind)) return start.byDefault ? lowest : wrongStart(kind);
  const micros = parseCursorValue('timestamptz', start.at);
  return kind === 'date' ? parseCursorValue('date', start.at.replace(/ [\d:.]+\+00/, '')) : micros;
}

function wrongStart(kind: CursorKind): never {
  const wanted = isTime(kind) ? 'a date or time' : 'a whole number';
  throw new Problem(
    'Configuration',
    `start does not fit its cursor column, which is ${kind}`,
    `Give ${wanted}, or none.`,
  );
}

/** How far below the watermark a table is read again, in ticks. Throws {@link Problem} as above. */
export function lookbackInTicks(kind: CursorKind, { lookback }: TableConfig): bigint {
  if ('ms' in lookback && lookback.ms === 0) return 0n;
  if ('ticks' in lookback !== isTime(kind)) {
    return 'ticks' in lookback ? BigInt(lookback.ticks) : durationInTicks(kind, lookback.ms);
  }
  const wanted = isTime(kind) ? 'a duration, such as 10 minutes' : 'a whole number';
  throw new Problem(
    'Configuration',
    `lookback does not fit its cursor column, which is ${kind}`,
    `Give ${wanted}.`,
  );
}

/** A bound that was asked for, in ticks. Throws {@link Problem} where it is none, or does not fit the cursor column. */
export function boundInTicks(kind: CursorKind, name: string, text: string): bigint {
  const bound = parseStart(text.trim());
  if (bound === undefined || bound === 'none' || 'ticks' in bound === isTime(kind)) {
    const wanted = isTime(kind) ? 'a date or time, such as 2026-03-01' : 'a whole number';
    throw new Problem(
      'Configuration',
      `${name} is no value of the cursor column, which is ${kind}`,
      `Give ${wanted}.`,
    );
  }
  return startInTicks(kind, bound);
}
