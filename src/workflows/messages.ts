import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
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
