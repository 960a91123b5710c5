import { z } from 'zod';
import { object } from './strict-object';
import { duration, text, timeZone } from './values';

const cron = text
  .regex(
    /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[\w*,/?-]+( +[\w*,/?-]+){4})$/,
    'this is not a cron expression|Write minute, hour, day of the month, month and day of the week, such as 0 3 * * *',
  )
  .meta({ examples: ['0 * * * *', '30 3 * * SUN', '@daily'] });

const settings = {
  every: duration
    .refine((ms) => ms >= 1000, { error: 'this is below a second|Write it such as 5 minutes' })
    .describe('How often, counted from midnight UTC of 1 January 1970. Or `cron`.')
    .optional(),
  cron: cron.describe('When, as cron has it: minute, hour, day of month, month, day of week.').optional(),
  timeZone: timeZone.describe('Whose clock `cron` means. Default: UTC.').optional(),
  jitter: duration
    .describe('Begin up to this much later, by chance, so that many syncs do not begin at once.')
    .optional(),
  catchUpWindow: duration.prefault('24 hours').meta({
    default: '24 hours',
    description:
      'What was due so long ago is still begun when Temporal was down meanwhile: one run for all that was missed.',
  }),
};

interface Keys {
  every?: number | undefined;
  cron?: string | undefined;
  timeZone?: string | undefined;
}

/** Either way of saying when, and nothing that belongs to the other. Messages are `what|remedy`. */
function checkTimes({ every, cron: expression, timeZone: zone }: Keys, context: z.RefinementCtx): void {
  const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
  if (every === undefined && expression === undefined)
    refuse('nothing says when|Write every: 5 minutes, or cron: 0 * * * *');
  else if (every !== undefined && expression !== undefined)
    refuse('every and cron are both given|Keep one of the two');
  else if (every !== undefined && zone !== undefined)
    refuse('timeZone is for cron alone|Take it out, or write cron in place of every');
}

/** When runs begin by themselves: Temporal schedules, which `tidemark schedule apply` makes. */
export const schedules = object({
  sync: object(settings).superRefine(checkTimes).describe('A run of the sync.').optional(),
  reconcile: object({
    ...settings,
    depth: z
      .enum(['hinted', 'full'], { error: 'there is no such depth|Write hinted or full' })
      .prefault('hinted')
      .describe('What is compared: where something may have changed, or everything.'),
  })
    .superRefine(checkTimes)
    .describe('A run of the sync that compares every table with its source once it is copied.')
    .optional(),
});

type FileSchedule = z.output<typeof schedules>['sync'];

/** When one kind of run begins by itself. Exactly one of `everyMs` and `cron` is there. */
export interface ScheduleConfig {
  everyMs?: number;
  cron?: string;
  timeZone?: string;
  jitterMs?: number;
  catchUpWindowMs: number;
}

export interface Schedules {
  sync?: ScheduleConfig;
  reconcile?: ScheduleConfig & { depth: 'hinted' | 'full' };
}

/** Names with their units. */
export function resolveSchedules({ sync, reconcile }: z.output<typeof schedules>): Schedules {
  return {
    ...(sync && { sync: resolve(sync) }),
    ...(reconcile && { reconcile: { ...resolve(reconcile), depth: reconcile.depth } }),
  };
}

function resolve(schedule: NonNullable<FileSchedule>): ScheduleConfig {
  const { every, cron: expression, timeZone: zone, jitter, catchUpWindow } = schedule;
  return {
    ...(every !== undefined && { everyMs: every }),
    ...(expression !== undefined && { cron: expression }),
    ...(zone !== undefined && { timeZone: zone }),
    ...(jitter !== undefined && { jitterMs: jitter }),
    catchUpWindowMs: catchUpWindow,
  };
}
