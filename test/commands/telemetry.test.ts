import { besideWorker, type ObservedWorker, startObservedWorker } from '../support/observed';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver';
import { until } from '../support/poll';
import { runCli, startCli } from './cli';

/** A collector, a worker and a client, each a process or server of its own. */
let receiver: OtlpReceiver;
let observed: ObservedWorker;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  observed = await startObservedWorker(
    {
      prepare: `
        CREATE TABLE readings (at timestamptz PRIMARY KEY, note text);
        INSERT INTO readings SELECT now() - n * interval '1 second', 'canary-77ab' FROM generate_series(1, 100) n;
        ANALYZE readings`,
      tables: [{ name: 'readings', cursor: 'at' }],
    },
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
    },
  );
});
afterAll(async () => {
  await observed.close();
  await receiver.close();
});

/** The spans from the trace's first down to the one named; none while some have not come. */
function lineage(name: string): ReceivedSpan[] {
  const line: ReceivedSpan[] = [];
  let next = receiver.spans.find((span) => span.name === name);
  while (next !== undefined) {
    line.unshift(next);
    const { parentSpanId } = next;
    if (parentSpanId === '') return line;
    next = receiver.spans.find(({ spanId }) => spanId === parentSpanId);
  }
  return [];
}

it('a run is one trace, from the client to the batch', async () => {
  expect((await besideWorker(observed, 'sync', '--json')).code).toBe(0);
  const names = [
    ...['StartWorkflow:sync', 'RunWorkflow:sync', 'StartChildWorkflow:syncTable', 'RunWorkflow:syncTable'],
    ...['StartActivity:copyBatch', 'RunActivity:copyBatch'],
  ];
  const last = 'RunActivity:copyBatch';
  await until(() => lineage(last).length > 0, { what: 'the spans of a run' });
  const line = lineage(last);
  expect(line.map(({ name }) => name)).toEqual(names);
  expect(new Set(line.map(({ traceId }) => traceId)).size).toBe(1);
  expect(line.at(-1)?.attributes).toMatchObject({
    ...{ sync: observed.name, table: 'public.readings', attempt: '1' },
    interval: expect.stringMatching(/^\[.*, .*\)$/) as string,
  });
  expect(line[1]?.attributes).toMatchObject({ workflowId: `tidemark:${observed.name}` });
  // Lines of the log name the trace that they belong to.
  const copied = () => observed.log().find(({ msg }) => msg === 'batch copied');
  await until(() => copied() !== undefined, { what: 'the line of a batch' });
  expect(copied()).toMatchObject({ trace_id: Buffer.from(line[0]?.traceId ?? '', 'base64').toString('hex') });
});

it('spans hold no row values and no connection URLs', () => {
  const text = JSON.stringify(receiver.spans);
  expect(text).toContain('RunActivity:copyBatch');
  for (const secret of ['canary-77ab', observed.source.url, observed.destination.url])
    expect(text).not.toContain(secret);
});

it('without --metrics the metrics go to the collector as well', async () => {
  const { folder, env } = observed;
  expect(receiver.metrics.size).toBe(0);
  const worker = startCli(['worker'], { folder, env });
  try {
    const wanted = ['tidemark_worker_serves', 'temporal_num_pollers'];
    await until(() => wanted.every((name) => receiver.metrics.has(name)), {
      what: 'metrics',
    });
  } finally {
    worker.child.kill('SIGTERM');
  }
  expect((await worker.ended).code).toBe(0);
});

it('another protocol than http/protobuf is refused', async () => {
  const env = { ...observed.env, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const ended = await runCli(['worker'], { folder: observed.folder, env });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain("the protocol is 'grpc'. Use OTLP over HTTP");
});
