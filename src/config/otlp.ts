import { ConfigError } from './config-error';

type Signal = 'metrics' | 'traces';

/**
 * Where OpenTelemetry's own environment variables send a signal (OpenTelemetry: Protocol Exporter); undefined where
 * they name no place, or say none. Headers and certificates are read from there by the exporters themselves. Throws
 * {@link ConfigError} for a protocol other than http/protobuf, the only one that both exporters speak.
 */
export function otlpEndpoint(signal: Signal, env: NodeJS.ProcessEnv): string | undefined {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const own = (name: string) => given(`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`);
  const shared = (name: string) => given(`OTEL_EXPORTER_OTLP_${name}`);
  if (env['OTEL_SDK_DISABLED'] === 'true' || env[`OTEL_${signal.toUpperCase()}_EXPORTER`] === 'none')
    return undefined;
  const base = shared('ENDPOINT');
  const endpoint = own('ENDPOINT') ?? (base && `${base.replace(/\/$/, '')}/v1/${signal}`);
  if (endpoint === undefined) return undefined;
  const protocol = own('PROTOCOL') ?? shared('PROTOCOL') ?? 'http/protobuf';
  if (protocol === 'http/protobuf' && URL.canParse(endpoint)) return endpoint;
  throw new ConfigError([
    {
      where: 'OTEL_EXPORTER_OTLP_*',
      message: protocol === 'http/protobuf' ? 'the endpoint is no URL' : `the protocol is '${protocol}'`,
      remedy: "Use OTLP over HTTP: the collector's port 4318, and http/protobuf as the protocol",
    },
  ]);
}
