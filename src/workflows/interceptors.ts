import type * as Tracing from '@temporalio/interceptors-opentelemetry/lib/workflow';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { namesIn, type WorkNames } from '../plan/names-in';
import { hasTrace } from './trace-header';

/**
 * Gives each line that a run logs the names of what it works on. Traces a run that was started within a trace, and no
 * other: a run must stay what it began as, whatever its workers are told later, since tracing changes the order of a
 * workflow's steps. What traces is loaded for those runs alone.
 */
export const interceptors = (): WorkflowInterceptors => {
  let names: WorkNames = {};
  let outbound: Tracing.OpenTelemetryOutboundInterceptor | undefined;
  let internals: Tracing.OpenTelemetryInternalsInterceptor | undefined;
  return {
    inbound: [
      {
        execute: (input, next) => {
          names = namesIn(input.args[0]);
          if (!hasTrace(input.headers)) return next(input);
          const tracing = load();
          outbound = new tracing.OpenTelemetryOutboundInterceptor();
          internals = new tracing.OpenTelemetryInternalsInterceptor();
          return new tracing.OpenTelemetryInboundInterceptor().execute(input, next);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => outbound?.scheduleActivity(input, next) ?? next(input),
        startChildWorkflowExecution: (input, next) =>
          outbound?.startChildWorkflowExecution(input, next) ?? next(input),
        continueAsNew: (input, next) => outbound?.continueAsNew(input, next) ?? next(input),
        getLogAttributes: (input, next) => {
          const named = { ...input, ...names };
          return outbound?.getLogAttributes(named, next) ?? next(named);
        },
      },
    ],
    internals: [
      { dispose: (input, next) => (internals ? void internals.dispose(input, next) : next(input)) },
    ],
  };
};

function load(): typeof Tracing {
  // webpack's, not node's: the module is in the bundle, and this evaluates it. import() would take steps of its own.
  // eslint-disable-next-line no-restricted-globals, @typescript-eslint/no-require-imports
  return require('@temporalio/interceptors-opentelemetry/lib/workflow') as typeof Tracing;
}
