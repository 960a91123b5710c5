import type { Config } from '../config/config';
import { closedFor } from '../plan/hours';
import { type Finding, warning } from './finding';
import { formatDuration } from './format';

/** Whether watermarks come further behind from run to run than `alarms.lag` allows, so that it is raised each time. */
export function checkAlarms(config: Config): Finding[] {
  const { alarms, settleDelayMs } = config;
  const [longest] = pauses(config).sort((one, other) => other.ms - one.ms);
  if (alarms?.lagMs === undefined || !longest || alarms.lagMs > longest.ms + settleDelayMs) return [];
  return [
    warning(
      'alarms.lag',
      `an alarm is raised at a lag of ${formatDuration(alarms.lagMs)}, and from run to run it comes to as much by itself: ${longest.words}, and settleDelay is ${formatDuration(settleDelayMs)}`,
      'Let it be longer than these and a run together.',
    ),
  ];
}

/** The times in which no run begins to read the source. Those between the times of a `cron` are not known. */
function pauses({ schedules, source: { hours } }: Config): { ms: number; words: string }[] {
  const often = schedules.sync?.cron === undefined ? [schedules.sync, schedules.reconcile] : [];
  const [most] = often
    .flatMap((schedule) =>
      schedule?.everyMs === undefined ? [] : { jitterMs: 0, everyMs: schedule.everyMs, ...schedule },
    )
    .sort((one, other) => one.everyMs - other.everyMs);
  const late = most?.jitterMs ? `, and up to ${formatDuration(most.jitterMs)} later` : '';
  return [
    ...(most
      ? [
          {
            ms: most.everyMs + most.jitterMs,
            words: `one begins every ${formatDuration(most.everyMs)}${late}`,
          },
        ]
      : []),
    ...(hours
      ? [
          {
            ms: closedFor(hours),
            words: `source.hours let them wait for ${formatDuration(closedFor(hours))}`,
          },
        ]
      : []),
  ];
}
