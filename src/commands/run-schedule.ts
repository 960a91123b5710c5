import type { Client, ScheduleDescription, ScheduleSummary } from '@temporalio/client';
import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import { SCHEDULE_PREFIX, scheduleId } from '../plan/workflow-ids';
import {
  applySchedule,
  describeSchedule,
  readOutcomes,
  type ScheduledOutcome,
  type ScheduleKind,
  scheduleKinds,
  TimesRefused,
} from '../temporal/schedules';
import { asUnreachable } from '../temporal/as-unreachable';
import { hasWorker } from '../temporal/task-queue';
import { CommandError } from './command-error';
import { noWorker } from './follow-through';
import { formatDuration, formatSecond } from './format';
import { type OpenTemporal, openTemporal } from './open-temporal';
import type { CommonOptions } from './options';
import { say } from './say';
import type { ScheduleAction, ScheduleCommandOptions } from './schedule';

/** What is told of a schedule. */
interface ScheduleView {
  schedule: string;
  /** `every 5 minutes`, or the cron expression and its time zone. */
  when: string;
  paused: boolean;
  note: string | null;
  next: string[];
  /** The latest first. */
  last?: ScheduledOutcome[];
}

/** What became of one of a sync's schedules. */
interface Done {
  kind: ScheduleKind;
  did: string;
}

const MOST_NEXT = 3;

/** One of the commands for the schedules of a configuration. `which` left out: all that it has. */
export async function runSchedule(
  action: ScheduleAction,
  which: ScheduleKind | undefined,
  options: ScheduleCommandOptions,
): Promise<number> {
  const config = await loadConfig(options.config);
  return withTemporal(config, async (temporal) => {
    const { client } = temporal;
    if (action === 'apply') {
      const done = await apply(client, config);
      tell(
        options,
        { sync: config.name, schedules: done },
        done.map(({ kind, did }) => `${kind}: ${did}`),
        'No schedules are configured, and none are there.',
      );
      if (done.some(({ did }) => did !== 'deleted')) await remindOfWorker(temporal, options.config);
      return 0;
    }
    const found = await existing(client, config, which);
    if (action === 'show') {
      const views = await Promise.all(
        found.map(async ({ description }) => ({
          ...viewOf(description),
          last: await readOutcomes(client, description),
        })),
      );
      tell(options, { sync: config.name, schedules: views }, views.flatMap(describe));
      return 0;
    }
    for (const { kind } of found) {
      const handle = client.schedule.getHandle(scheduleId(config.name, kind));
      if (action === 'pause') await handle.pause(options.note ?? 'tidemark schedule pause');
      else if (action === 'resume') await handle.unpause('tidemark schedule resume');
      else if (action === 'trigger') await handle.trigger();
      else await handle.delete();
    }
    const did = {
      pause: 'paused',
      resume: 'resumed',
      trigger: 'triggered',
      delete: 'deleted; runs under way go on',
    }[action];
    const done = found.map(({ kind }): Done => ({ kind, did }));
    tell(
      options,
      { sync: config.name, schedules: done },
      done.map(({ kind }) => `${kind}: ${did}`),
    );
    if (action === 'trigger') await remindOfWorker(temporal, options.config);
    return 0;
  });
}

/** The schedules of all syncs that share a Temporal namespace with this configuration. */
export async function runScheduleList(options: CommonOptions): Promise<number> {
  return withTemporal(await loadConfig(options.config), async ({ client }) => {
    const views: ScheduleView[] = [];
    for await (const schedule of client.schedule.list())
      if (schedule.scheduleId.startsWith(SCHEDULE_PREFIX)) views.push(viewOf(schedule));
    views.sort((one, other) => (one.schedule < other.schedule ? -1 : 1));
    tell(options, { schedules: views }, views.flatMap(describe), 'There are no schedules of Tidemark here.');
    return 0;
  });
}

async function apply(client: Client, config: Config): Promise<Done[]> {
  const done: Done[] = [];
  for (const kind of scheduleKinds) {
    try {
      const did = await applySchedule(client, config, kind);
      if (did) done.push({ kind, did });
    } catch (error) {
      if (!(error instanceof TimesRefused)) throw error;
      throw new CommandError(
        'configuration',
        `${config.file} schedules.${kind}: Temporal refuses these times (${error.message})`,
        'Correct its cron expression (minute 0-59, hour 0-23, day 1-31, month 1-12, day of the week 0-6) or its timeZone.',
      );
    }
  }
  return done;
}

async function existing(
  client: Client,
  { name }: Config,
  which: ScheduleKind | undefined,
): Promise<{ kind: ScheduleKind; description: ScheduleDescription }[]> {
  const found = [];
  for (const kind of which ? [which] : scheduleKinds) {
    const description = await describeSchedule(client, name, kind);
    if (description) found.push({ kind, description });
  }
  if (found.length > 0) return found;
  throw new CommandError(
    'notNow',
    `${name} has no ${which === undefined ? '' : `${which} `}schedule`,
    'Write schedules: into the configuration, and run tidemark schedule apply.',
  );
}

async function withTemporal(
  config: Config,
  fn: (temporal: OpenTemporal) => Promise<number>,
): Promise<number> {
  const temporal = await openTemporal(config, say);
  try {
    return await fn(temporal);
  } catch (error) {
    throw asUnreachable(temporal.config.address, error);
  } finally {
    await temporal.close();
  }
}

/** A schedule alone copies nothing. */
async function remindOfWorker(temporal: OpenTemporal, file: string): Promise<void> {
  if (temporal.embedded && !temporal.embedded.attached)
    say(
      `No Temporal is configured: the schedules are kept in .tidemark/, and begin runs only while a worker runs there: tidemark worker -c ${file}`,
    );
  else if (!(await hasWorker(temporal))) say(noWorker(temporal, file));
}

function viewOf({
  scheduleId: schedule,
  spec,
  state,
  info,
}: ScheduleDescription | ScheduleSummary): ScheduleView {
  const times = [
    ...(spec?.intervals ?? []).map(({ every }) => `every ${formatDuration(every)}`),
    ...(spec?.calendars ?? []).map(
      ({ comment }) => `${comment ?? 'a calendar'} (${spec?.timezone ?? 'UTC'})`,
    ),
  ];
  return {
    schedule,
    when: times.join(', '),
    paused: state.paused,
    note: state.paused ? (state.note ?? null) : null,
    next: state.paused ? [] : info.nextActionTimes.slice(0, MOST_NEXT).map((time) => time.toISOString()),
  };
}

function describe({ schedule, when, paused, note, next, last }: ScheduleView): string[] {
  return [
    `${schedule}: ${when}${paused ? `, paused${note === null ? '' : ` (${note})`}` : ''}`,
    ...(next.length > 0 ? [`  next: ${next.map(formatSecond).join(', ')} UTC`] : []),
    ...(last ?? []).map(
      ({ at, state, error }) => `  ${formatSecond(at)} UTC: ${state}${error === null ? '' : `, ${error}`}`,
    ),
  ];
}

function tell({ json }: CommonOptions, answer: object, lines: string[], otherwise = ''): void {
  process.stdout.write(
    json
      ? `${JSON.stringify({ ok: true, ...answer }, null, 2)}\n`
      : `${lines.length > 0 ? lines.join('\n') : otherwise}\n`,
  );
}
