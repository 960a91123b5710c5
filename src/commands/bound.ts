import type { Start } from '../config/config';
import { parseStart } from '../config/start';
import { parseCursorValue } from '../plan/cursor-value';
import { CommandError } from './command-error';

/** A cursor value on the command line. */
export type Bound = Exclude<Start, 'none'>;

/** Throws {@link CommandError} where an option is given, and is no cursor value. */
export function parseBound(option: string, text: string | undefined): Bound | undefined {
  if (text === undefined) return undefined;
  const parsed = parseStart(text.trim());
  if (parsed !== undefined && parsed !== 'none') return parsed;
  throw new CommandError(
    'usage',
    `${option} is not a cursor value`,
    "Write a date (2026-03-01), a time ('2026-03-01 12:00:00+01', in UTC without an offset) or a whole number.",
  );
}

/** Throws where a range would be empty, whatever the cursor column is. */
export function refuseEmptyRange(from: Bound | undefined, to: Bound | undefined): void {
  if (from === undefined || to === undefined) return;
  if ('ticks' in from && 'ticks' in to ? BigInt(from.ticks) < BigInt(to.ticks) : isBefore(from, to)) return;
  throw emptyRange();
}

function isBefore(from: Bound, to: Bound): boolean {
  if ('ticks' in from !== 'ticks' in to)
    throw new CommandError(
      'usage',
      '--from and --to are of two kinds',
      'Write two times, or two whole numbers.',
    );
  if ('ticks' in from || 'ticks' in to) return true;
  return parseCursorValue('timestamptz', from.at) < parseCursorValue('timestamptz', to.at);
}

export function emptyRange(): CommandError {
  return new CommandError(
    'usage',
    '--from is not before --to',
    'The range is [from, to): exchange the two, or move --to on.',
  );
}
