import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Observation } from '../plan/alarms';
import type { Comparison, ReconcileProgress } from '../plan/reconcile-wire';
import type {
  OneTable,
  PausedRun,
  PauseInput,
  SteeredTable,
  SteeringMessage,
  TuneInput,
} from '../plan/steering';
import type { SyncProgress, TableProgress } from '../plan/wire';

/** Query of a `sync` run: every table's state. Rows of a table that is being copied are its child's to tell. */
export const syncProgressQuery = defineQuery<SyncProgress>('progress');

/** Query of a `syncTable` run: how far it has come. */
export const tableProgressQuery = defineQuery<TableProgress>('progress');

/**
 * Update of a `sync` run: no batch is begun any more, of one table or of all; those in flight end as usual. Answers when
 * the tables keep to it.
 */
export const pauseUpdate = defineUpdate<PausedRun, [PauseInput]>('pause');

/** Update of a `sync` run: batches are begun again, of one table or of all. */
export const resumeUpdate = defineUpdate<PausedRun, [PauseInput]>('resume');

/**
 * Update of a `sync` run: a table is left to the next run. Its batches in flight are rolled back; what was committed
 * stays, and so does its checkpoint. Answers when it has stopped.
 */
export const skipUpdate = defineUpdate<SteeredTable, [OneTable]>('skip');

/** Update of a `sync` run: a table that failed or was skipped is planned again, and goes on where it stopped. */
export const retryUpdate = defineUpdate<SteeredTable, [OneTable]>('retry');

/**
 * Update of a `sync` run: another batch size or parallelism for one table, from its next batches on until the run ends.
 * Answers when the table keeps to it.
 */
export const tuneUpdate = defineUpdate<SteeredTable, [TuneInput]>('tune');

/** Signal to a `syncTable` run, sent by its `sync`: what it is to go by from here on. */
export const steerSignal = defineSignal<[SteeringMessage]>('steer');

/** Signal to a `sync` run, sent by one of its `syncTable`s: the message of this number has taken effect. */
export const steeredSignal = defineSignal<[table: string, number: number]>('steered');

/** Signal to a `syncTable` run, as a `sync` of 0.2.0 or older sent it: whether batches may be begun. */
export const setPausedSignal = defineSignal<[boolean]>('setPaused');

/** Signal to a `watch` run, sent by runs of its sync: what they came to. */
export const observedSignal = defineSignal<[Observation[]]>('observed');

/** Query of a `reconcile` run: every table's comparison, as far as it has come. A table under way is its child's to tell. */
export const reconcileProgressQuery = defineQuery<ReconcileProgress>('progress');

/** Query of a `reconcileTable` run. */
export const comparisonQuery = defineQuery<Comparison>('progress');
