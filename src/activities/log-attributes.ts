import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { namesIn, type WorkNames } from '../plan/names-in';

/**
 * Gives each line that an activity logs, and each that the SDK logs of it, the names of what the activity works on.
 * The run, the activity's type and its attempt are the SDK's to give.
 */
export const logAttributes: ActivityInterceptorsFactory = () => {
  let names: WorkNames = {};
  return {
    inbound: {
      execute: (input, next) => {
        names = namesIn(input.args[0]);
        return next(input);
      },
    },
    outbound: { getLogAttributes: (attributes, next) => next({ ...attributes, ...names }) },
  };
};
