import { isDeepStrictEqual } from 'node:util';
import {
  type Client,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
} from '@temporalio/client';
import type { Config } from '../config/config';
import type { ScheduleConfig } from '../config/schedule-settings';
import type { ScheduledRun, SyncInput } from '../plan/wire';
import { scheduledWorkflowId, scheduleId } from '../plan/workflow-ids';
import { outcomeOfFailure } from './run-outcome';
import { taskQueueOf } from './task-queue';

export const scheduleKinds = ['sync', 'reconcile'] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

/** What applying a configuration did to a schedule. */
export type Applied = 'created' | 'updated' | 'unchanged' | 'deleted';

/**
 * Makes a schedule what the configuration says; a schedule that it no longer has is deleted. Runs under way, and whether
 * the schedule is paused, stay as they are. Undefined: there is none, and none is wanted. Throws {@link TimesRefused}.
 */
export async function applySchedule(
  client: Client,
  config: Config,
  kind: ScheduleKind,
): Promise<Applied | undefined> {
  const handle = client.schedule.getHandle(scheduleId(config.name, kind));
  const before = await describeSchedule(client, config.name, kind);
  const wanted = wantedSchedule(config, kind);
  if (!wanted) {
    if (!before) return undefined;
    await handle.delete();
    return 'deleted';
  }
  if (!before) {
    await refusingTimes(client.schedule.create(wanted));
    return 'created';
  }
  await refusingTimes(handle.update(({ state }) => ({ ...wanted, state })));
  // Temporal keeps a cron expression in a form of its own, so that only what it kept before and after can be compared.
  const after = await handle.describe();
  return isDeepStrictEqual(definition(before), definition(after)) ? 'unchanged' : 'updated';
}

/** Temporal does not take a cron expression or a time zone; its message says why. */
export class TimesRefused extends Error {}

/** The SDK throws TypeError with the server's words for what the server calls an invalid argument. */
async function refusingTimes(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (error instanceof TypeError) throw new TimesRefused(error.message);
    throw error;
  }
}

/** Undefined where there is no such schedule. */
export async function describeSchedule(
  client: Client,
  sync: string,
  kind: ScheduleKind,
): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(scheduleId(sync, kind)).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function wantedSchedule(config: Config, kind: ScheduleKind): ScheduleOptions | undefined {
  const { name, schedules } = config;
  const wanted: ScheduleConfig | undefined = schedules[kind];
  if (!wanted) return undefined;
  const { everyMs, cron, timeZone, jitterMs, catchUpWindowMs } = wanted;
  const depth = kind === 'reconcile' ? schedules.reconcile?.depth : undefined;
  const input: SyncInput = { sync: name, ...(depth && { reconcile: depth }) };
  return {
    scheduleId: scheduleId(name, kind),
    spec: {
      ...(everyMs !== undefined && { intervals: [{ every: everyMs }] }),
      // Temporal keeps what the expression means, and what stands behind #: by that it is shown.
      ...(cron !== undefined && { cronExpressions: [`${cron} # ${cron}`], timezone: timeZone ?? 'UTC' }),
      ...(jitterMs !== undefined && { jitter: jitterMs }),
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'scheduledSync',
      workflowId: scheduledWorkflowId(name, kind),
      taskQueue: taskQueueOf(config),
      args: [input],
    },
    policies: { overlap: 'SKIP', catchupWindow: catchUpWindowMs },
  };
}

/** What of a schedule the configuration decides. */
function definition({ spec, action, policies }: ScheduleDescription): object {
  const { workflowType, workflowId, taskQueue, args } = action;
  return { spec, policies, action: { workflowType, workflowId, taskQueue, args } };
}

/** How what a schedule began has ended, or that it goes on. */
export interface ScheduledOutcome {
  at: string;
  state: 'running' | 'completed' | 'left out' | 'failed' | 'unknown';
  error: string | null;
}

/** The last runs of a schedule, the latest first. */
export async function readOutcomes(
  client: Client,
  { info: { recentActions } }: ScheduleDescription,
): Promise<ScheduledOutcome[]> {
  return Promise.all(
    [...recentActions].reverse().map(async ({ scheduledAt, action: { workflow } }) => {
      const at = scheduledAt.toISOString();
      const handle = client.workflow.getHandle(workflow.workflowId, workflow.firstExecutionRunId);
      // Kept by Temporal for as long as the namespace says.
      const description = await handle.describe().catch(() => undefined);
      if (!description) return { at, state: 'unknown', error: null };
      if (description.status.name === 'RUNNING') return { at, state: 'running', error: null };
      try {
        const { leftOut } = (await handle.result()) as ScheduledRun;
        return { at, state: leftOut ? 'left out' : 'completed', error: null };
      } catch (error) {
        return { at, state: 'failed', error: outcomeOfFailure(error).failure?.message ?? null };
      }
    }),
  );
}
