import type { Logger, MetricsExporterConfig } from '@temporalio/worker';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';
/** Takes a line of Temporal's log. */
export type LogSink = (level: Level, message: string, fields: Record<string, unknown>) => void;

/** What of the fields is of use to a reader; tokens and stacks are not. Names of runs differ between the SDK's parts. */
const kept: Record<string, string> = {
  ...named(
    'sync',
    'table',
    'interval',
    'workflowId',
    'workflowType',
    'activityType',
    'activityId',
    'attempt',
  ),
  ...{ runId: 'run', workflowRunId: 'run' },
  ...named('rows', 'bytes', 'batches', 'repeated', 'fenced', 'intervals', 'tables', 'seconds'),
  ...named('position', 'horizon', 'watermark', 'missing', 'extra', 'different', 'type', 'error'),
  ...named('taskQueue', 'durationMs', 'trace_id', 'span_id'),
};

function named(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

/**
 * Sets Temporal's runtime up, before anything else touches it: its log, and that of our activities and workflows, goes
 * to `sink`, its metrics and ours to `metrics`. Its own handling of signals is turned off: who runs the worker decides
 * when to drain.
 */
export async function installTemporalLog(
  sink: LogSink,
  filter: 'INFO' | 'ERROR',
  metrics?: MetricsExporterConfig,
): Promise<void> {
  const { makeTelemetryFilterString, Runtime } = await import('@temporalio/worker');
  const write =
    (level: Level) =>
    (message: string, meta: Record<string, unknown> = {}): void => {
      const fields = Object.fromEntries(
        Object.entries(kept).flatMap(([name, shown]) =>
          meta[name] === undefined || meta[name] instanceof Error ? [] : [[shown, meta[name]]],
        ),
      );
      const { error } = meta;
      sink(level, message, { ...fields, ...(error instanceof Error && causeOf(error)) });
    };
  // What Temporal tells as information (states, bundles) is of use to its own developers.
  const inform = (message: string, meta: Record<string, unknown> = {}): void =>
    write(isOurs(meta) ? 'info' : 'debug')(message, meta);
  const logger: Logger = {
    log: (level, message, meta) =>
      level === 'INFO' ? inform(message, meta) : write(level.toLowerCase() as Level)(message, meta),
    trace: write('trace'),
    debug: write('debug'),
    info: inform,
    warn: write('warn'),
    error: write('error'),
  };
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: {
      logging: {
        filter: makeTelemetryFilterString({ core: filter === 'INFO' ? 'WARN' : 'ERROR' }),
        forward: {},
      },
      ...(metrics && { metrics }),
    },
  });
}

/** Whether a line comes from our activities or workflows; the SDK's own of them name the worker as its component. */
function isOurs({ sdkComponent }: Record<string, unknown>): boolean {
  return sdkComponent === 'activity' || sdkComponent === 'workflow';
}

function causeOf(error: Error): { error: string; type?: string } {
  if (error.cause instanceof Error) return causeOf(error.cause);
  const type = 'type' in error && typeof error.type === 'string' ? { type: error.type } : {};
  return { error: error.message, ...type };
}
