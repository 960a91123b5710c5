import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'protobufjs';
import { z } from 'zod';

export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** Empty for a trace's first. */
  parentSpanId: string;
  attributes: Record<string, string>;
}

export interface OtlpReceiver {
  /** As OTEL_EXPORTER_OTLP_ENDPOINT takes it. */
  endpoint: string;
  /** Every span that has come in. */
  spans: ReceivedSpan[];
  /** Names of the metrics that have come in. */
  metrics: Set<string>;
  close(): Promise<void>;
}

/** What the tests look at of opentelemetry-proto's messages; fields by their numbers there. */
const { root } = parse(`
  syntax = "proto3";
  message AnyValue { string string_value = 1; int64 int_value = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; repeated KeyValue attributes = 9;
  }
  message ScopeSpans { repeated Span spans = 2; }
  message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
  message Traces { repeated ResourceSpans resource_spans = 1; }
  message Metric { string name = 1; }
  message ScopeMetrics { repeated Metric metrics = 2; }
  message ResourceMetrics { repeated ScopeMetrics scope_metrics = 2; }
  message Metrics { repeated ResourceMetrics resource_metrics = 1; }`);

const attribute = z.object({
  key: z.string(),
  value: z.object({ stringValue: z.string(), intValue: z.string() }).partial().default({}),
});
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(''),
  name: z.string(),
  attributes: z.array(attribute).default([]),
});
const traces = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(span) })) })),
});
const metric = z.object({ name: z.string() });
const metricsMessage = z.object({
  resourceMetrics: z
    .array(z.object({ scopeMetrics: z.array(z.object({ metrics: z.array(metric) })).default([]) }))
    .default([]),
});

/** An OpenTelemetry collector's receiver for OTLP over HTTP, on loopback. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metrics = new Set<string>();
  const take: Record<string, (body: Buffer) => void> = {
    '/v1/traces': (body) =>
      traces
        .parse(decode('Traces', body))
        .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
        .forEach((one) => spans.push({ ...one, attributes: asRecord(one.attributes) })),
    '/v1/metrics': (body) =>
      metricsMessage
        .parse(decode('Metrics', body))
        .resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
        .forEach(({ name }) => metrics.add(name)),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const taker = take[request.url ?? ''];
      taker?.(Buffer.concat(chunks));
      response.writeHead(taker ? 200 : 404, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metrics,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function decode(message: string, body: Buffer): object {
  const type = root.lookupType(message);
  return type.toObject(type.decode(body), { bytes: String, longs: String });
}

function asRecord(attributes: z.infer<typeof attribute>[]): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? '']),
  );
}
