import { formatCursorValue, parseCursorValue } from '../plan/cursor-value';
import type { Start } from './config';

const pointInTime =
  /^(\d{4,6}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(:\d{2}(?:\.\d{1,6})?)?)? ?(?:(Z|UTC)|([+-])(\d{2})(?::?(\d{2}))?)?( BC)?$/i;
const minute = 60_000_000n;

/**
 * Where reading begins: `none`, a whole number, or a date with or without a time. Without an offset a time is in UTC;
 * `at` is PostgreSQL's text for it, in UTC. Undefined for anything else, days that do not exist included.
 */
export function parseStart(text: string): Start | undefined {
  if (text === 'none') return 'none';
  if (/^-?\d+$/.test(text)) return { ticks: text };
  const match = pointInTime.exec(text);
  if (!match) return undefined;
  const [, date = '', clock = '00:00', seconds = ':00', , sign, hours = '0', minutes = '0', era = ''] = match;
  const local = `${date} ${clock}${seconds}${era.toUpperCase()}`;
  const ticks = parseCursorValue('timestamp', local);
  // A day or hour that does not exist is carried over into another one, and so does not come back as written.
  if (withoutFraction(formatCursorValue('timestamp', ticks)) !== withoutFraction(local)) return undefined;
  const offset = (BigInt(hours) * 60n + BigInt(minutes)) * minute * (sign === '-' ? -1n : 1n);
  return { at: formatCursorValue('timestamptz', ticks - offset) };
}

function withoutFraction(text: string): string {
  return text.replace(/\.\d+/, '');
}
