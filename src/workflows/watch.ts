import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  log,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Observation, WatchedTables } from '../plan/alarms';
import { observedArgs, watchInputSchema } from '../plan/run-inputs';
import { observedSignal } from './messages';
import { isSignal, parseInput, refuseCarried } from './parse-input';
import { alarmPolicy } from './policies';

const { raiseAlarms } = proxyActivities<Activities>(alarmPolicy);

export interface WatchInput {
  sync: string;
  /** What is known of the tables, when it continues as new. */
  tables?: WatchedTables;
  /** After so many milliseconds it has to look at them, unless it is told something before. */
  nextLookMs?: number;
}

const WANTED = 'A run of a sync with alarms starts it: give {"sync": "name"}.';

/**
 * Watches a sync's tables between its runs, and raises an alarm once whenever one's health changes. Runs tell it what
 * they came to; by itself it sees how the tables' lag grows. Lives for as long as the configuration has alarms.
 */
export async function watch(input: WatchInput): Promise<void> {
  const { sync } = parseInput(watchInputSchema, input, WANTED);
  refuseCarried(input.tables ?? input.nextLookMs, WANTED);
  let { tables = {}, nextLookMs } = input;
  let observations: Observation[] = [];
  setHandler(observedSignal, (...args) => {
    if (isSignal('observed', observedArgs, args)) observations.push(...args[0]);
  });
  for (;;) {
    const due = (): boolean => observations.length > 0 || workflowInfo().continueAsNewSuggested;
    await (nextLookMs === undefined ? condition(due) : condition(due, nextLookMs));
    if (observations.length === 0 && workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      return continueAsNew<typeof watch>({ sync, tables, ...(nextLookMs !== undefined && { nextLookMs }) });
    }
    const told = observations;
    observations = [];
    try {
      const raised = await raiseAlarms({ sync, tables, observations: told });
      if (raised.off && observations.length === 0) return;
      ({ tables, nextLookMs } = raised);
    } catch (error) {
      if (isCancellation(error)) throw error;
      // Whoever is to be told cannot be: what changes next is tried anew, and so is what it sees by itself.
      log.error('alarms were not sent', { error });
      if (!patched('looks-after-failure')) nextLookMs = undefined;
    }
  }
}
