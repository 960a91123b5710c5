import { definitions } from './metrics';

/** docs/METRICS.md, made from the list of metrics. */
export function metricsReference(): string {
  const rows = Object.entries(definitions).map(
    ([name, { kind, labels, help }]) =>
      `| \`${name}${kind === 'counter' ? '_total' : ''}\` | ${kind} | ${labels.join(', ')} | ${help} |`,
  );
  return [
    '<!-- Made from src/activities/metrics.ts by `npm run docs`. Change it there. -->',
    '# Metrics',
    "`tidemark worker --metrics 127.0.0.1:9464` serves them at `http://127.0.0.1:9464/metrics`, beside those of Temporal's SDK ([list](https://docs.temporal.io/references/sdk-metrics); durations in seconds). Without `--metrics` they go to the OTLP endpoint of OpenTelemetry's environment variables, if one is set ([operating](OPERATING.md#watching)), there without the suffix `_total`.",
    `| name | kind | labels | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}`,
    'A histogram has the suffixes `_bucket`, `_sum` and `_count`.',
    '## How to read them',
    [
      '- Each worker knows what it did itself. Of several workers take the latest: `max by (sync, table) (…)` for gauges, `sum by (sync, table) (…)` for counters.',
      '- A gauge keeps its last value while its worker runs, and goes with it. So ages are asked for as `time() - max by (sync, table) (last_over_time(tidemark_watermark_timestamp_seconds[1d]))`, which grows also when runs stop or the worker is gone, for a day.',
      "- After a `resync` a worker that runs on may still show the old watermark until the table's next run.",
      '- `sync` and `table` are names of the configuration and of tables that it means, so that their number is bounded: a table has about 40 series, the buckets of its two histograms among them.',
      '- A cursor column that is an integer has no clock: no watermark as a time, no lag; `tidemark_completed_timestamp_seconds` says when the table was last complete.',
    ].join('\n'),
    '[monitoring/grafana-dashboard.json](../monitoring/grafana-dashboard.json) and [monitoring/alerts.yaml](../monitoring/alerts.yaml) are made for them.',
  ]
    .join('\n\n')
    .concat('\n');
}
