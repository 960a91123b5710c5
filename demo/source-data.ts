import { z } from 'zod';
import type { Endpoint } from '../src/postgres/endpoint';
import { pgInteger, queryRow } from '../src/postgres/query';
import { withSession } from './session';

/*
 * 100 sensors, read every 72 seconds for three days: 360,000 rows in chunks of 12 hours, of which all but the latest
 * two are compressed. Four sensors share each reading's time, to the microsecond.
 */
const SENSOR_DATA = `
  CREATE TABLE public.sensor_data (
    time timestamptz NOT NULL,
    sensor_id integer NOT NULL,
    temperature double precision,
    pressure numeric(12, 4),
    note text,
    PRIMARY KEY (sensor_id, time)
  );
  SELECT public.create_hypertable('public.sensor_data', public.by_range('time', interval '12 hours'));
  INSERT INTO public.sensor_data
  SELECT now() - interval '3 days 5 minutes'
           + step * interval '72 seconds' + sensor / 4 * interval '1.000003 seconds' + step % 1000 * interval '1 microsecond',
         sensor,
         CASE WHEN step % 997 = 0 THEN 'NaN' WHEN step % 991 = 0 THEN '-0' ELSE 20 + 5 * sin(step / 50.0) + random() END,
         (1000 + 20 * random())::numeric(12, 4),
         CASE WHEN (step + sensor) % 50 = 0 THEN 'calibrated ✓ ' || step WHEN step % 400 = 0 THEN '' END
  FROM generate_series(0, 3599) AS step, generate_series(0, 99) AS sensor;
  ALTER TABLE public.sensor_data
    SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor_id', timescaledb.compress_orderby = 'time');
  SELECT public.compress_chunk(chunk) FROM public.show_chunks('public.sensor_data', older_than => interval '1 day') AS chunk;
  ANALYZE public.sensor_data`;

const VECTOR = `(SELECT array_agg((random() * 2 - 1)::real) FROM generate_series(1, 384) WHERE id = id)::public.vector(384)`;

const SENSOR_EMBEDDINGS = `
  CREATE TABLE public.sensor_embeddings (
    id bigint PRIMARY KEY,
    created_at timestamptz NOT NULL,
    label text,
    vector_data public.vector(384)
  );
  CREATE INDEX ON public.sensor_embeddings (created_at);
  INSERT INTO public.sensor_embeddings
  SELECT id, now() - interval '3 days' + id / 2 * interval '100.000001 seconds', 'window ' || id, ${VECTOR}
  FROM generate_series(1, 4000) AS id;
  ANALYZE public.sensor_embeddings`;

const SOURCE_FACTS = `
  SELECT (SELECT count(*) FROM public.sensor_data) AS "sensorData",
         (SELECT count(*) FROM public.sensor_embeddings) AS "sensorEmbeddings",
         (SELECT count(*) FROM timescaledb_information.chunks) AS chunks,
         (SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed) AS compressed`;

const sourceFacts = z.object({
  sensorData: pgInteger,
  sensorEmbeddings: pgInteger,
  chunks: pgInteger,
  compressed: pgInteger,
});
export type SourceFacts = z.output<typeof sourceFacts>;

/** Makes and fills the source's tables. */
export function fillSource(source: Endpoint): Promise<SourceFacts> {
  return withSession(source, async (client) => {
    await client.query(SENSOR_DATA);
    await client.query(SENSOR_EMBEDDINGS);
    return queryRow(client, sourceFacts, SOURCE_FACTS);
  });
}

export interface Changes {
  added: number;
  late: number;
  changed: number;
}

/**
 * Adds rows, rows that come late, and changes rows, in both tables. What is added has times just above the table's
 * watermark, so that the next run's horizon lies beyond them; late and changed rows lie within its lookback (10
 * minutes).
 */
export function changeSource(
  source: Endpoint,
  watermarks: { sensorData: string; sensorEmbeddings: string },
): Promise<Changes> {
  return withSession(source, async (client) => {
    const changes: Changes = { added: 0, late: 0, changed: 0 };
    for (const [table, change, statement] of STATEMENTS) {
      changes[change] += (await client.query(statement, [watermarks[table]])).rowCount ?? 0;
    }
    return changes;
  });
}

/** $1 is the table's watermark. */
const STATEMENTS = [
  [
    'sensorData',
    'added',
    `INSERT INTO public.sensor_data
     SELECT $1::timestamptz + i / 4 * interval '7 microseconds', i % 100, 30 + random(), 990, 'new'
     FROM generate_series(0, 4799) AS i`,
  ],
  [
    'sensorData',
    'changed',
    `UPDATE public.sensor_data SET temperature = 'Infinity', note = 'changed'
     WHERE time >= $1::timestamptz - interval '9 minutes' AND time < $1::timestamptz`,
  ],
  [
    'sensorData',
    'late',
    `INSERT INTO public.sensor_data
     SELECT $1::timestamptz - interval '4 minutes' + i / 4 * interval '1.000001 seconds', 100 + i, 30 + random(), 980, 'late'
     FROM generate_series(0, 379) AS i`,
  ],
  [
    'sensorEmbeddings',
    'added',
    `INSERT INTO public.sensor_embeddings SELECT id, $1::timestamptz, 'new ' || id, ${VECTOR}
     FROM generate_series(4001, 4200) AS id`,
  ],
  [
    'sensorEmbeddings',
    'late',
    `INSERT INTO public.sensor_embeddings SELECT id, $1::timestamptz - interval '5 minutes', 'late ' || id, ${VECTOR}
     FROM generate_series(4201, 4220) AS id`,
  ],
  [
    'sensorEmbeddings',
    'changed',
    `UPDATE public.sensor_embeddings SET created_at = $1::timestamptz + interval '1 microsecond', vector_data = ${VECTOR}
     WHERE id <= 100`,
  ],
] as const;
