/**
 * Cursor values as whole numbers. Every type that a cursor column may have is discrete, so a value is a count of
 * ticks: microseconds since the Unix epoch (timestamptz, timestamp), days since it (date), or the integer itself.
 * The text form is PostgreSQL's own with DateStyle ISO and TimeZone UTC, and is what history and checkpoints hold.
 */
export const cursorKinds = ['timestamptz', 'timestamp', 'date', 'smallint', 'integer', 'bigint'] as const;
export type CursorKind = (typeof cursorKinds)[number];

const DAY = 86_400_000_000n;
const PATTERN =
  /^(\d{4,7})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?)?(?:[+-]00(?::?00)?)?( BC)?$/;

/** The values a column of this type can hold, `[lowest, highest]` in ticks (PostgreSQL: Date/Time Types, Numeric Types). */
export function rangeOfKind(kind: CursorKind): [bigint, bigint] {
  switch (kind) {
    case 'smallint':
      return [-(2n ** 15n), 2n ** 15n - 1n];
    case 'integer':
      return [-(2n ** 31n), 2n ** 31n - 1n];
    case 'bigint':
      return [-(2n ** 63n), 2n ** 63n - 1n];
    case 'date':
      return [daysFromCivil(-4712n, 1n, 1n), daysFromCivil(5874897n, 12n, 31n)];
    default:
      return [daysFromCivil(-4713n, 11n, 24n) * DAY, daysFromCivil(294276n, 12n, 31n) * DAY + DAY - 1n];
  }
}

/** All values of a kind, as an interval. */
export function everything(kind: CursorKind): { lower: bigint; upper: bigint } {
  const [lower, highest] = rangeOfKind(kind);
  return { lower, upper: highest + 1n };
}

export function isTime(kind: CursorKind): boolean {
  return kind === 'timestamptz' || kind === 'timestamp' || kind === 'date';
}

/** Whether it may be a cursor value, of whichever kind. */
export function isCursorText(text: string): boolean {
  return /^-?\d+$/.test(text) || PATTERN.test(text);
}

/** Ticks of a cursor value in PostgreSQL's text form. Throws for anything else, `infinity` included: it is never a position. */
export function parseCursorValue(kind: CursorKind, text: string): bigint {
  if (!isTime(kind)) {
    if (!/^-?\d+$/.test(text)) throw new Error(`not a ${kind} cursor value`);
    return BigInt(text);
  }
  const match = PATTERN.exec(text);
  if (!match) throw new Error(`not a ${kind} cursor value`);
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', fraction = '', bc] =
    match;
  const astronomical = bc ? 1n - BigInt(year) : BigInt(year);
  const days = daysFromCivil(astronomical, BigInt(month), BigInt(day));
  if (kind === 'date') return days;
  const seconds = BigInt(hour) * 3600n + BigInt(minute) * 60n + BigInt(second);
  return days * DAY + seconds * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

/** PostgreSQL's text form of a cursor value; the inverse of {@link parseCursorValue}. */
export function formatCursorValue(kind: CursorKind, ticks: bigint): string {
  if (!isTime(kind)) return ticks.toString();
  const days = kind === 'date' ? ticks : floorDivide(ticks, DAY);
  const [year, month, day] = civilFromDays(days);
  const era = year > 0n ? '' : ' BC';
  const date = `${pad(year > 0n ? year : 1n - year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  if (kind === 'date') return date + era;
  const micros = ticks - days * DAY;
  const seconds = micros / 1_000_000n;
  const fraction = pad(micros % 1_000_000n, 6).replace(/0+$/, '');
  const time = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) => pad(part, 2)).join(':');
  return `${date} ${time}${fraction && `.${fraction}`}${kind === 'timestamptz' ? '+00' : ''}${era}`;
}

/** A duration in ticks of the kind: days are rounded up, so that a lookback never covers less than it says. */
export function durationInTicks(kind: CursorKind, milliseconds: number): bigint {
  return -microsecondsToTicks(kind, -BigInt(Math.ceil(milliseconds * 1000)));
}

/** How many milliseconds lie between two cursor values of a time kind. */
export function ticksToMilliseconds(kind: CursorKind, ticks: bigint): number {
  return Number(ticksToMicroseconds(kind, ticks)) / 1000;
}

/** Ticks in microseconds: a date as its beginning. An integer stays as it is. */
export function ticksToMicroseconds(kind: CursorKind, ticks: bigint): bigint {
  return kind === 'date' ? ticks * DAY : ticks;
}

/** Microseconds in ticks: of a date the day that they lie in. An integer stays as it is. */
export function microsecondsToTicks(kind: CursorKind, micros: bigint): bigint {
  return kind === 'date' ? floorDivide(micros, DAY) : micros;
}

function pad(value: bigint, width: number): string {
  return value.toString().padStart(width, '0');
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

/* Days of the proleptic Gregorian calendar, after H. Hinnant, "chrono-compatible low-level date algorithms". */
function daysFromCivil(year: bigint, month: bigint, day: bigint): bigint {
  const y = month <= 2n ? year - 1n : year;
  const era = floorDivide(y, 400n);
  const yearOfEra = y - era * 400n;
  const dayOfYear = (153n * (month + (month > 2n ? -3n : 9n)) + 2n) / 5n + day - 1n;
  const dayOfEra = yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear;
  return era * 146_097n + dayOfEra - 719_468n;
}

function civilFromDays(days: bigint): [bigint, bigint, bigint] {
  const shifted = days + 719_468n;
  const era = floorDivide(shifted, 146_097n);
  const dayOfEra = shifted - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const m = (5n * dayOfYear + 2n) / 153n;
  const month = m < 10n ? m + 3n : m - 9n;
  return [yearOfEra + era * 400n + (month <= 2n ? 1n : 0n), month, dayOfYear - (153n * m + 2n) / 5n + 1n];
}
