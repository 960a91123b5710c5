/** What a run may say of a table's health: `copied` is that all is well. */
export const alarmHealths = ['copied', 'stalled', 'failed', 'drift'] as const;

/** What a table's alarm says; that one lags is nobody's to tell. */
export type Health = (typeof alarmHealths)[number] | 'lagging';

/** What a run tells of a table: that it was copied up to its watermark, or how it failed or came to a stop. */
export interface Observation {
  table: string;
  health: Exclude<Health, 'lagging'>;
  /** As PostgreSQL's text; null before the first load is there, and where the run does not know. */
  watermark: string | null;
  /** For people: why. */
  message?: string;
}

/** What is known of a table. Kept by the `watch` workflow, so that an alarm is raised once per change. */
export interface Watched {
  health: Health;
  watermark: string | null;
}

/** Tables by name. */
export type WatchedTables = Record<string, Watched>;

/** A change of a table's health. */
export interface Alarm {
  table: string;
  health: Health;
  /** What it was before. */
  before: Health;
  message: string;
}

export interface Weighed {
  tables: WatchedTables;
  alarms: Alarm[];
  /** After so many milliseconds a table comes to lag beyond its limit, unless it is copied until then. */
  nextLookMs?: number;
}

/**
 * Which tables' health changes by what was observed, and by the time that has passed: `now` in milliseconds since 1970.
 * Without a limit nothing lags. A table that failed or came to a stop stays so, however far it lags, until it is copied.
 */
export function weighHealth(
  known: WatchedTables,
  observations: Observation[],
  now: number,
  lagMs: number | undefined,
): Weighed {
  const observed = new Map(observations.map((observation) => [observation.table, observation]));
  const tables: WatchedTables = {};
  const alarms: Alarm[] = [];
  let nextLookMs: number | undefined;
  for (const table of new Set([...Object.keys(known), ...observed.keys()])) {
    const before = known[table] ?? { health: 'copied', watermark: null };
    const observation = observed.get(table);
    const watermark = observation?.watermark ?? before.watermark;
    const lag = lagMs === undefined ? undefined : lagOf(watermark, now);
    const told = observation?.health ?? before.health;
    const well = told === 'copied' || told === 'lagging';
    const health = lag !== undefined && lagMs !== undefined && lag > lagMs && well ? 'lagging' : told;
    tables[table] = { health, watermark };
    if (health !== before.health)
      alarms.push({
        table,
        health,
        before: before.health,
        message: describe(health, watermark, observation),
      });
    if (lag !== undefined && lagMs !== undefined && health === 'copied')
      nextLookMs = Math.min(nextLookMs ?? Infinity, lagMs - lag + 1);
  }
  return { tables, alarms, ...(nextLookMs !== undefined && { nextLookMs }) };
}

function describe(health: Health, watermark: string | null, observation: Observation | undefined): string {
  const reached = watermark === null ? 'nothing is complete yet' : `it is copied up to ${watermark}`;
  if (health === 'lagging') return `it lags beyond its limit: ${reached}`;
  if (health === 'copied') return `it has recovered: ${reached}`;
  return observation?.message ?? reached;
}

/** In milliseconds. Undefined where the watermark is no time: an integer's lag is nobody's to know. */
export function lagOf(watermark: string | null, now: number): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d))?/.exec(watermark ?? '') ?? [];
  if (year === undefined) return undefined;
  const [h, m, s] = [hour, minute, second].map((part) => Number(part ?? 0));
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day), h, m, s);
  // PostgreSQL's last years are beyond JavaScript's.
  return Number.isNaN(at) ? undefined : now - at;
}
