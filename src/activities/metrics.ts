import type { MetricCounter, MetricGauge, MetricHistogram, MetricMeter } from '@temporalio/common';

interface Definition {
  kind: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  help: string;
  /** Bounds of a histogram's buckets. */
  buckets?: readonly number[];
}

const perTable = ['sync', 'table'] as const;
/** Few, since each table has them all. */
const seconds = [0.01, 0.05, 0.25, 1, 5, 30, 120, 600] as const;

/**
 * Every metric of Tidemark's own: docs/METRICS.md is made from this list. Names follow Prometheus' rules (base units in
 * the name); the SDK adds `_total` to those of counters. Labels are names from the configuration and the source's
 * catalog, never what only a workflow's caller wrote, so that their number is bounded.
 */
export const definitions = {
  tidemark_rows: {
    kind: 'counter',
    labels: perTable,
    help: 'Rows copied. What is copied again (a lookback, a repair) counts again.',
  },
  tidemark_bytes: { kind: 'counter', labels: perTable, help: "Bytes copied, as COPY's stream had them." },
  tidemark_batches: {
    kind: 'counter',
    labels: perTable,
    help: 'Batches that ended, those found applied among them.',
  },
  tidemark_batches_repeated: {
    kind: 'counter',
    labels: perTable,
    help: 'Batches read again since an earlier attempt failed before it committed.',
  },
  tidemark_batches_already_applied: {
    kind: 'counter',
    labels: perTable,
    help: 'Batches that an earlier attempt had applied and could not report; nothing was copied.',
  },
  tidemark_batches_fenced: {
    kind: 'counter',
    labels: perTable,
    help: 'Times that a batch was read again since a chunk was compressed, dropped or moved meanwhile.',
  },
  tidemark_read_duration_seconds: {
    kind: 'histogram',
    labels: perTable,
    buckets: seconds,
    help: "From a batch's first look at the source to its last row read. Rows are written as they are read, so that it overlaps with the write.",
  },
  tidemark_write_duration_seconds: {
    kind: 'histogram',
    labels: perTable,
    buckets: seconds,
    help: "How long a batch's transaction at the destination lasted, from BEGIN to COMMIT.",
  },
  tidemark_failures: {
    kind: 'counter',
    labels: [...perTable, 'type', 'retried'],
    help: 'Attempts of activities that failed, by type of failure; retried="false" are those that ended a run of the table (or, with no table, of the sync).',
  },
  tidemark_failed_timestamp_seconds: {
    kind: 'gauge',
    labels: [...perTable, 'type'],
    help: "When the table (or, with no table, the plan of the sync) last failed for good, by the worker's clock. Later than its tidemark_completed_timestamp_seconds, it fails still.",
  },
  tidemark_completed_timestamp_seconds: {
    kind: 'gauge',
    labels: perTable,
    help: "When the table was last copied up to its horizon, by the worker's clock. With no table, when a run of the sync was last planned.",
  },
  tidemark_watermark_timestamp_seconds: {
    kind: 'gauge',
    labels: perTable,
    help: 'The watermark, as a time; absent where the cursor column is an integer. A date is its beginning in UTC. Its age is time() less this.',
  },
  tidemark_lag_seconds: {
    kind: 'gauge',
    labels: perTable,
    help: "How far the watermark was behind the source's now when the table was last planned, before anything was copied.",
  },
  tidemark_horizon_held_seconds: {
    kind: 'gauge',
    labels: perTable,
    help: "Age of the source's open transaction that holds the horizon back, when the table was last planned; 0 without one.",
  },
  tidemark_compared_rows: {
    kind: 'counter',
    labels: perTable,
    help: "The source's rows that comparisons looked at.",
  },
  tidemark_differing_rows: {
    kind: 'counter',
    labels: [...perTable, 'kind'],
    help: 'Rows that comparisons found missing, extra or different. What differs still after a repair counts again.',
  },
  tidemark_differing_intervals: {
    kind: 'gauge',
    labels: perTable,
    help: 'Intervals that differed still when the last comparison that repairs had ended.',
  },
  tidemark_connections: {
    kind: 'gauge',
    labels: ['sync', 'end', 'state'],
    help: 'Connections to an end (source, destination): in use, idle, and activities waiting for one.',
  },
  tidemark_worker_serves: {
    kind: 'gauge',
    labels: ['sync'],
    help: '1 for each sync that this worker serves.',
  },
} as const satisfies Record<string, Definition>;

export type MetricName = keyof typeof definitions;
type Named<Kind> = {
  [Name in MetricName]: (typeof definitions)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];
type Labels<Name extends MetricName> = Record<(typeof definitions)[Name]['labels'][number], string>;
export type TableLabels = Labels<'tidemark_rows'>;

/** Records what is measured on a meter of Temporal's SDK, which exports it beside its own metrics. */
export class Metrics {
  private readonly counter: (name: Named<'counter'>) => MetricCounter;
  private readonly gauge: (name: Named<'gauge'>) => MetricGauge;
  private readonly histogram: (name: Named<'histogram'>) => MetricHistogram;

  constructor(meter: MetricMeter) {
    const help = (name: MetricName): string => definitions[name].help;
    this.counter = once((name) => meter.createCounter(name, undefined, help(name)));
    this.gauge = once((name) => meter.createGauge(name, 'float', undefined, help(name)));
    this.histogram = once((name) => meter.createHistogram(name, 'float', undefined, help(name)));
  }

  add<Name extends Named<'counter'>>(name: Name, value: number, labels: Labels<Name>): void {
    this.counter(name).add(value, labels);
  }

  set<Name extends Named<'gauge'>>(name: Name, value: number, labels: Labels<Name>): void {
    this.gauge(name).set(value, labels);
  }

  observe<Name extends Named<'histogram'>>(name: Name, value: number, labels: Labels<Name>): void {
    this.histogram(name).record(value, labels);
  }
}

/** An instrument is an object of the native core: made when first needed, and kept. */
function once<Name, Instrument>(make: (name: Name) => Instrument): (name: Name) => Instrument {
  const made = new Map<Name, Instrument>();
  return (name) => {
    const instrument = made.get(name) ?? make(name);
    made.set(name, instrument);
    return instrument;
  };
}

/** The bounds of our histograms' buckets, as the exporter takes them. */
export function bucketOverrides(): Record<string, number[]> {
  const entries: [string, Definition][] = Object.entries(definitions);
  return Object.fromEntries(
    entries.flatMap(([name, { buckets }]) => (buckets ? [[name, [...buckets]]] : [])),
  );
}
