import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks, WorkerOptions } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry/lib/workflow';
import { otlpEndpoint } from '../config/otlp';
import { namesIn } from '../plan/names-in';
import { hasTrace } from '../workflows/trace-header';

/** What a client and a worker take to be traced. */
export interface Tracing {
  client: WorkflowClientInterceptor;
  activity: ActivityInterceptorsFactory;
  sinks: NonNullable<WorkerOptions['sinks']>;
  /** Sends what is left. Never throws: a collector that is away stops no one. */
  close: () => Promise<void>;
}

let opened: Promise<Tracing | undefined> | undefined;

/** OpenTelemetry's traces, for this process, where its environment variables name an OTLP endpoint; see otlp.ts. */
export function openTracing(): Promise<Tracing | undefined> {
  return (opened ??=
    otlpEndpoint('traces', process.env) === undefined ? Promise.resolve(undefined) : start());
}

/** Sends the spans that are not sent yet. */
export async function closeTracing(): Promise<void> {
  const tracing = await opened?.catch(() => undefined);
  await tracing?.close();
}

/** Loaded only where it is wanted. */
async function start(): Promise<Tracing> {
  const [{ trace }, { AsyncLocalStorageContextManager }, exporting, sdk, resources, temporal] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/exporter-trace-otlp-proto'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/resources'),
      import('@temporalio/interceptors-opentelemetry'),
    ]);
  const resource = new resources.Resource({
    'service.name': 'tidemark',
    ...resources.envDetectorSync.detect().attributes,
  });
  // Endpoint and headers are the exporter's to read from the environment.
  const processor = new sdk.BatchSpanProcessor(new exporting.OTLPTraceExporter());
  const provider = new sdk.BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({ contextManager: new AsyncLocalStorageContextManager().enable() });
  const starting = new temporal.OpenTelemetryWorkflowClientInterceptor();
  const exporter = temporal.makeWorkflowExporter(processor, resource);
  return {
    // Starts alone: whoever follows a run asks for its progress every second.
    client: { startWithDetails: (input, next) => starting.startWithDetails(input, next) },
    activity: (activity) => {
      const inbound = new temporal.OpenTelemetryActivityInboundInterceptor(activity);
      return {
        inbound: {
          execute: (input, next) =>
            inbound.execute(hasTrace(input.headers) ? input : { ...input, headers: {} }, (within) => {
              trace
                .getActiveSpan()
                ?.setAttributes({ ...namesIn(within.args[0]), attempt: activity.info.attempt });
              return next(within);
            }),
        },
        outbound: new temporal.OpenTelemetryActivityOutboundInterceptor(activity),
      };
    },
    sinks: namedSinks(exporter),
    close: () => provider.shutdown().catch(() => undefined),
  };
}

/** Of a workflow, its spans get the names alone; by itself the exporter adds all that is known of it. */
function namedSinks(
  exporter: InjectedSinks<OpenTelemetrySinks>['exporter'],
): NonNullable<WorkerOptions['sinks']> {
  return {
    exporter: {
      export: {
        fn: ({ workflowId, runId, workflowType, attempt }, spans) => {
          const names: Partial<WorkflowInfo> = { workflowId, runId, workflowType, attempt };
          return exporter.export.fn(names as WorkflowInfo, spans);
        },
      },
    },
  } satisfies InjectedSinks<OpenTelemetrySinks>;
}
