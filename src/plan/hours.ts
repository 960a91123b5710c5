/** The hours of a day, `HH:MM`, in which a source may be read; over midnight where `to` comes before `from`. */
export interface Hours {
  /** The first minute. */
  from: string;
  /** The first minute after. */
  to: string;
  /** An IANA name. */
  timeZone: string;
}

/** What an activity answers that would have read the source outside its hours: it read nothing. */
export interface Closed {
  closed: {
    opensInMs: number;
    /** `22:00 Europe/Berlin` */
    opens: string;
  };
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Clocks are put forward and back on quarters of an hour only, so that each of them is a stretch of even time. */
const QUARTER_MS = 15 * MINUTE_MS;

/** Milliseconds from an instant (since 1970) until the hours begin; 0 within them. */
export function opensIn(hours: Hours, at: number): number {
  const [from, to] = [timeOfDay(hours.from), timeOfDay(hours.to)];
  const localTime = localTimeIn(hours.timeZone);
  const isOpen = (local: number): boolean =>
    from < to ? local >= from && local < to : local >= from || local < to;
  let instant = at;
  for (let local = localTime(at); !isOpen(local); local = localTime(instant)) {
    const untilFrom = (from - local + DAY_MS) % DAY_MS;
    instant = Math.min(instant + untilFrom, (Math.floor(instant / QUARTER_MS) + 1) * QUARTER_MS);
  }
  return instant - at;
}

/** What is answered at an instant; undefined within the hours. */
export function closedAt(hours: Hours, at: number): Closed | undefined {
  const opensInMs = opensIn(hours, at);
  return opensInMs === 0 ? undefined : { closed: { opensInMs, opens: `${hours.from} ${hours.timeZone}` } };
}

/** How long a day's other hours are, in milliseconds, where no clock is put forward or back. */
export function closedFor({ from, to }: Hours): number {
  return (timeOfDay(from) - timeOfDay(to) + DAY_MS) % DAY_MS;
}

/** `22:00 to 06:00 Europe/Berlin` */
export function describeHours({ from, to, timeZone }: Hours): string {
  return `${from} to ${to} ${timeZone}`;
}

function timeOfDay(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return ((hours ?? 0) * 60 + (minutes ?? 0)) * MINUTE_MS;
}

/** The milliseconds that a clock on the wall shows at an instant. */
function localTimeIn(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const [hour = 0, minute = 0, second = 0] = [parts.get('hour'), parts.get('minute'), parts.get('second')];
    return ((hour * 60 + minute) * 60 + second) * 1000 + (instant % 1000);
  };
}
