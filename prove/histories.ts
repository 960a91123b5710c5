import type { Client, WorkflowHandle } from '@temporalio/client';
import { optionalTsToDate } from '@temporalio/common/lib/time';
import type { BatchInput, BatchResult, TablePlan } from '../src/plan/wire';
import type { Scene } from './scene';
import { CANARY } from './tables';

export interface Histories {
  faults: string[];
  /** How many failures were looked at. */
  failures: number;
}

/** Failures of Temporal's own, which tell of a worker's end or pause, and of ours that only hand another's on. */
const NO_CAUSE =
  /^(activity (\w+ )+timed out|activity \w+ timeout|Activity task (timed out|failed)|Child Workflow execution failed|Script execution timed out|.*cancel)/i;

/**
 * Reads every history. That no text in them, in logs or errors shows a row's value or a password; that every failure says
 * what is wrong and what to do; that runs which were taken over wrote no more.
 */
export async function checkHistories(scene: Scene, clients: Client[], shown: string[]): Promise<Histories> {
  const secrets = [CANARY, scene.arena.servers.source.password, scene.arena.servers.destination.password];
  const faults: string[] = [];
  const failures = new Set(shown);
  const histories: Events[] = [];
  const look = (where: string, text: string): void => {
    for (const secret of secrets)
      if (text.includes(secret))
        faults.push(`${secret === CANARY ? 'a row' : 'a password'} is shown in ${where}`);
  };
  look('the log', scene.logs());
  for (const text of shown) look('an error', text);
  for (const client of clients) {
    for await (const { workflowId, runId } of client.workflow.list({
      query: `TaskQueue = '${scene.name}'`,
    })) {
      const events = (await client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
      histories.push(events);
      const seen: string[] = [];
      collect(events, seen, failures);
      look(`the history of ${workflowId}`, seen.join('\n'));
    }
  }
  const told = [...failures].filter((message) => message !== '' && !NO_CAUSE.test(message));
  // A sentence for the cause, and one for the remedy.
  for (const message of told)
    if (!/[.:;] \S.*\.$/s.test(message)) faults.push(`this failure has no remedy: ${message}`);
  const calls = histories.map(callsOf);
  faults.push(...calls.flatMap(checkInFlight), ...checkEpochs(calls.flat()));
  return { faults, failures: told.length };
}

/** An activity as a history tells of it; times in milliseconds since 1970. */
interface Call {
  type: string;
  input: Partial<BatchInput>;
  result: Partial<TablePlan & BatchResult>;
  /** The event that ordered it. */
  ordered: number;
  startedAt: number;
  /** The event that ended it, and when; infinite where none did. */
  ended: number;
  endedAt: number;
  completed: boolean;
}

function callsOf(events: Events): Call[] {
  const calls = new Map<string, Call>();
  for (const event of events) {
    const order = event.activityTaskScheduledEventAttributes;
    if (order)
      calls.set(String(event.eventId), {
        ...{ type: order.activityType?.name ?? '', input: decode(order.input), result: {}, completed: false },
        ...{ ordered: Number(event.eventId), startedAt: 0, ended: Infinity, endedAt: Infinity },
      });
    const start = event.activityTaskStartedEventAttributes;
    const completion = event.activityTaskCompletedEventAttributes;
    const end =
      completion ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes;
    const call = calls.get(String((start ?? end)?.scheduledEventId));
    if (!call) continue;
    const at = optionalTsToDate(event.eventTime)?.getTime() ?? 0;
    if (start) call.startedAt = at;
    else Object.assign(call, { ended: Number(event.eventId), endedAt: at });
    if (completion) Object.assign(call, { completed: true, result: decode(completion.result) });
  }
  return [...calls.values()];
}

/** That an interval has one batch in flight at most, so that a crash can cost no more than that. */
function checkInFlight(calls: readonly Call[]): string[] {
  const last = new Map<string, Call>();
  return calls.flatMap((call) => {
    if (call.type !== 'copyBatch') return [];
    const { table, epoch, interval } = call.input;
    const key = `${table} ${epoch} ${interval?.id}`;
    const before = last.get(key);
    last.set(key, call);
    return before && before.ended > call.ordered
      ? [`${table}: two batches of one interval were in flight`]
      : [];
  });
}

/**
 * That no batch of an older epoch was applied once a newer plan was stored: by the times in the histories of all runs,
 * of which any may be the one that was taken over.
 */
function checkEpochs(calls: readonly Call[]): string[] {
  const done = calls.filter(({ completed }) => completed);
  const plans = done.filter(({ type, result }) => type === 'planTable' && result.epoch !== undefined);
  const applied = done.filter(({ type, result }) => type === 'copyBatch' && result.alreadyApplied === false);
  return applied
    .filter(({ input: { table, epoch = 0 }, startedAt }) =>
      plans.some(
        (plan) => plan.input.table === table && (plan.result.epoch ?? 0) > epoch && plan.endedAt < startedAt,
      ),
    )
    .map(
      ({ input: { table, epoch } }) =>
        `${table}: a batch of epoch ${epoch} was applied after a newer run had planned`,
    );
}

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

function decode<T extends object>(
  payloads: { payloads?: { data?: Uint8Array | null }[] | null } | null | undefined,
): Partial<T> {
  const data = payloads?.payloads?.[0]?.data;
  const value: unknown = data?.length ? JSON.parse(Buffer.from(data).toString('utf8')) : undefined;
  return typeof value === 'object' && value !== null ? value : {};
}

/** Every text in a history, those in payloads too, and the messages of failures. */
function collect(value: unknown, texts: string[], failures: Set<string>): void {
  if (typeof value === 'string') texts.push(value);
  else if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString('utf8'));
  else if (typeof value === 'object' && value !== null) {
    const { message, source } = value as { message?: unknown; source?: unknown };
    if (typeof message === 'string' && typeof source === 'string') failures.add(message);
    for (const part of Object.values(value)) collect(part, texts, failures);
  }
}
