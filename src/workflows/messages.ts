import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Observation } from '../plan/alarms';
import type { Comparison, ReconcileProgress } from '../plan/reconcile-wire';
import type { SyncProgress, TableProgress } from '../plan/wire';

/** Query of a `sync` run: every table's state. Rows of a table that is being copied are its child's to tell. */
export const syncProgressQuery = defineQuery<SyncProgress>('progress');

/** Query of a `syncTable` run: how far it has come. */
export const tableProgressQuery = defineQuery<TableProgress>('progress');

/** Update of a `sync` run: no batch is begun any more; those in flight end as usual. Answers when the tables know. */
export const pauseUpdate = defineUpdate('pause');

/** Update of a `sync` run: batches are begun again. */
export const resumeUpdate = defineUpdate('resume');

/** Signal to a `syncTable` run, sent by its `sync`: whether batches may be begun. */
export const setPausedSignal = defineSignal<[boolean]>('setPaused');

/** Signal to a `watch` run, sent by runs of its sync: what they came to. */
export const observedSignal = defineSignal<[Observation[]]>('observed');

/** Query of a `reconcile` run: every table's comparison, as far as it has come. A table under way is its child's to tell. */
export const reconcileProgressQuery = defineQuery<ReconcileProgress>('progress');

/** Query of a `reconcileTable` run. */
export const comparisonQuery = defineQuery<Comparison>('progress');
