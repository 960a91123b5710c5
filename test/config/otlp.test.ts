import { otlpEndpoint } from '../../src/config/otlp';

const endpoint = 'http://collector:4318';

test.each([
  ['nothing is set', {}, undefined],
  ['an endpoint for all', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, `${endpoint}/v1/traces`],
  ['one that ends in a slash', { OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/` }, `${endpoint}/v1/traces`],
  ['one of its own', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/x` }, `${endpoint}/x`],
  ['the other signal alone', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${endpoint}/x` }, undefined],
  ['empty, which is unset', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
  ['turned off', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' }, undefined],
  ['all turned off', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' }, undefined],
])('%s', (_, env, expected) => expect(otlpEndpoint('traces', env)).toBe(expected));

test.each([
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /the protocol is 'grpc'\. Use OTLP over HTTP/],
  [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }, /the protocol is 'http\/json'/],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'collector' }, /the endpoint is no URL/],
])('%j is refused', (env, message) =>
  expect(() => otlpEndpoint('traces', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env })).toThrow(message),
);
