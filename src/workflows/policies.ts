import type { ActivityOptions } from '@temporalio/workflow';

/**
 * Every timeout and retry of a sync. A failure that can heal (a dropped connection, a full disk, a deadlock) is
 * retried for as long as it takes; one that cannot is thrown as non-retryable by the activity, see
 * src/postgres/sqlstate.ts.
 */
const retry: NonNullable<ActivityOptions['retry']> = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '1 minute',
};

/** Longer than this without rows moving, or without an answer of the worker's, and a batch is given to another attempt. */
const BATCH_HEARTBEAT_TIMEOUT = '10 seconds';

/**
 * Planning and completing: some catalog queries, at the most the building of an index after the first load. They go
 * before batches and comparisons that wait for a worker (3 is Temporal's default); the two are equal, since what is
 * behind others always would wait for as long as those go on. Between syncs see plan/fairness.ts.
 */
export const planPolicy = {
  priority: { priorityKey: 2 },
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: BATCH_HEARTBEAT_TIMEOUT,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry,
} satisfies ActivityOptions;

/**
 * Not started on the worker that decided on it, as Temporal does where it can: whichever worker is free takes a batch or
 * a portion, so that several share one table, and syncs have their turns.
 */
const shared = { allowEagerDispatch: false } satisfies ActivityOptions;

/** A batch may be a single value that a million rows share, so that only lack of progress ends it early. */
export const batchPolicy = {
  ...shared,
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: BATCH_HEARTBEAT_TIMEOUT,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry,
} satisfies ActivityOptions;

/** A portion's digests are one statement; what differs takes many. */
export const comparePolicy = {
  ...shared,
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: BATCH_HEARTBEAT_TIMEOUT,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry,
} satisfies ActivityOptions;

/** Whoever receives alarms gets a day to come back; then what changes next is sent. */
export const alarmPolicy = {
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 day',
  retry,
} satisfies ActivityOptions;

/** What fails here is left to each table's own plan, which is retried for as long as it takes. */
export const idlePolicy = { ...planPolicy, retry: { maximumAttempts: 1 } } satisfies ActivityOptions;
