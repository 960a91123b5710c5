import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { optionalTsToDate } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import type { SyncSummary } from '../src/plan/wire';
import { syncWorkflowId } from '../src/plan/workflow-ids';
import { outcomeOfFailure, type RunOutcome } from '../src/temporal/run-outcome';
import { startSync } from '../src/temporal/start-sync';
import type { sync } from '../src/workflows';
import { until } from '../test/support/poll';

export type Outcome = RunOutcome<SyncSummary>;

/** Longer than any retry's pause and what comes with it. */
const RUN_MS = 240_000;

/** Starts the sync and waits for its end, also where Temporal is away meanwhile. */
export async function runSync(client: Client, name: string, longest = RUN_MS): Promise<Outcome> {
  const start = () => startSync(client, { sync: name }, name);
  const { firstExecutionRunId } = await until(start, { timeout: RUN_MS, what: 'Temporal' });
  return outcomeOf(client, syncWorkflowId(name), { runId: firstExecutionRunId, longest });
}

/** Waits for the end of a run. */
export function outcomeOf(
  client: Client,
  workflowId: string,
  { runId, longest = RUN_MS }: { runId?: string; longest?: number } = {},
): Promise<Outcome> {
  const ended = async (): Promise<Outcome> => {
    try {
      return { summary: await client.workflow.getHandle<typeof sync>(workflowId, runId).result() };
    } catch (error) {
      return outcomeOfFailure(error);
    }
  };
  // The client waits for the end of a run for as long as that takes.
  const tooLong = pause(longest, undefined, { ref: false }).then(async (): Promise<Outcome> => {
    throw new Error(
      `${workflowId} did not end within ${longest / 1000} s: ${await pendingOf(client, workflowId)}`,
    );
  });
  return Promise.race([until(ended, { timeout: longest, what: 'Temporal' }), tooLong]);
}

/** What it waits for, and what its tables wait for. */
async function pendingOf(client: Client, workflowId: string): Promise<string> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const children = (raw.pendingChildren ?? []).map((child) => pendingOf(client, child.workflowId ?? ''));
  const activities = (raw.pendingActivities ?? []).map(
    ({ activityType, attempt, state, lastHeartbeatTime, lastStartedTime, lastFailure, lastWorkerIdentity }) =>
      [
        `${workflowId}: ${activityType?.name}, attempt ${attempt}, ${temporal.api.enums.v1.PendingActivityState[state ?? 0]}`,
        `started ${instant(lastStartedTime)}, last heartbeat ${instant(lastHeartbeatTime)}`,
        `by ${lastWorkerIdentity}, before: ${lastFailure?.message}`,
      ].join(', '),
  );
  return [...activities, ...(await Promise.all(children))].filter(Boolean).join('; ');
}

function instant(time: Parameters<typeof optionalTsToDate>[0]): string {
  return optionalTsToDate(time)?.toISOString() ?? 'never';
}

/** Runs the sync again and again, as a schedule would; a run may last for `longest` milliseconds. */
export function keepSyncing(client: Client, name: string, longest?: number): { stop(): Promise<Outcome[]> } {
  const stopping = new AbortController();
  const outcomes: Outcome[] = [];
  const loop = (async () => {
    while (!stopping.signal.aborted) outcomes.push(await runSync(client, name, longest));
  })();
  loop.catch(() => undefined);
  return {
    async stop() {
      stopping.abort();
      await loop;
      return outcomes;
    },
  };
}
