import type { MetricsExporterConfig } from '@temporalio/worker';
import { bucketOverrides } from '../activities/metrics';
import { otlpEndpoint } from '../config/otlp';
import { formatAddress, type ListenAddress } from './listen-address';

const EXPORT_EVERY_MS = 60_000;

/**
 * Where the metrics of a worker go, the SDK's and ours: to whoever scrapes the address, else to the OTLP endpoint that
 * the environment names, else nowhere. The SDK has one exporter at a time.
 */
export function metricsExporter(
  address: ListenAddress | undefined,
  env: NodeJS.ProcessEnv,
): MetricsExporterConfig | undefined {
  const shape = { useSecondsForDurations: true, histogramBucketOverrides: bucketOverrides() };
  if (address) {
    const bindAddress = formatAddress(address);
    return { prometheus: { ...shape, bindAddress, countersTotalSuffix: true, unitSuffix: true } };
  }
  const url = otlpEndpoint('metrics', env);
  if (url === undefined) return undefined;
  const every = Number(env['OTEL_METRIC_EXPORT_INTERVAL']);
  const metricsExportInterval = every > 0 ? every : EXPORT_EVERY_MS;
  return { otel: { ...shape, url, http: true, metricsExportInterval } };
}
