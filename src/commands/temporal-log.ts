import type { Logger } from '@temporalio/worker';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';
/** Takes a line of Temporal's log. */
export type LogSink = (level: Level, message: string, fields: Record<string, unknown>) => void;

/** What of the fields is of use to a reader; tokens and stacks are not. */
const kept = [
  'workflowId',
  'workflowType',
  'activityType',
  'activityId',
  'attempt',
  'taskQueue',
  'durationMs',
];

/**
 * Sends the log of Temporal's runtime to `sink`, before anything else touches it. Its own handling of signals is
 * turned off: who runs the worker decides when to drain.
 */
export async function installTemporalLog(sink: LogSink, filter: 'INFO' | 'ERROR'): Promise<void> {
  const { makeTelemetryFilterString, Runtime } = await import('@temporalio/worker');
  const write =
    (level: Level) =>
    (message: string, meta: Record<string, unknown> = {}): void => {
      const fields = Object.fromEntries(
        kept.flatMap((name) => (meta[name] === undefined ? [] : [[name, meta[name]]])),
      );
      const { error } = meta;
      sink(level, message, { ...fields, ...(error instanceof Error && { error: causeOf(error) }) });
    };
  // What Temporal tells as information (states, bundles) is of use to its own developers.
  const logger: Logger = {
    log: (level, message, meta) =>
      write(level === 'INFO' ? 'debug' : (level.toLowerCase() as Level))(message, meta),
    trace: write('trace'),
    debug: write('debug'),
    info: write('debug'),
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
    },
  });
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? causeOf(error.cause) : error.message;
}
