import { z } from 'zod';
import type { Endpoint } from '../src/postgres/endpoint';
import { pgInteger, queryRow } from '../src/postgres/query';
import { withSession } from './session';

export interface Comparison {
  sourceRows: number;
  destinationRows: number;
  equal: boolean;
}

/** The columns of a table, each as an expression whose text is compared, for either side. */
export interface Compared {
  /** As the sync calls it. */
  name: string;
  source: string[];
  destination: string[];
}

/**
 * The embedded PostgreSQL has no pgvector, so the vector became jsonb there. Read back as an array of float4, which is
 * what a vector consists of, it must have the vector's own text again.
 */
const JSONB_AS_VECTOR = `(
  SELECT '[' || string_agg(element::float4::text, ',' ORDER BY place) || ']'
  FROM jsonb_array_elements_text(vector_data) WITH ORDINALITY AS elements(element, place))`;

export const SENSOR_DATA: Compared = {
  name: 'public.sensor_data',
  source: ['time', 'sensor_id', 'temperature', 'pressure', 'note'],
  destination: ['time', 'sensor_id', 'temperature', 'pressure', 'note'],
};

export const SENSOR_EMBEDDINGS: Compared = {
  name: 'public.sensor_embeddings',
  source: ['id', 'created_at', 'label', 'vector_data'],
  destination: ['id', 'created_at', 'label', JSONB_AS_VECTOR],
};

const fingerprintRow = z.object({ rows: pgInteger, sums: z.string() });

/** Whether both sides hold the same rows, as multisets, every value as PostgreSQL's text. */
export async function compare(
  source: Endpoint,
  destination: Endpoint,
  compared: Compared,
): Promise<Comparison> {
  const [there, here] = await Promise.all([
    fingerprint(source, compared.name, compared.source),
    fingerprint(destination, compared.name, compared.destination),
  ]);
  return {
    sourceRows: there.rows,
    destinationRows: here.rows,
    equal: there.rows === here.rows && there.sums === here.sums,
  };
}

/**
 * Of a multiset of rows: their number and the sums of two 64-bit hashes of each row's text. Sums, as they do not depend
 * on the order and count what occurs twice; two, since by one a difference could stay unseen, if hardly ever.
 */
function fingerprint(
  end: Endpoint,
  table: string,
  columns: string[],
): Promise<z.output<typeof fingerprintRow>> {
  const row = `ROW(${columns.map((column) => `(${column})::text`).join(', ')})::text`;
  return withSession(end, (client) =>
    queryRow(
      client,
      fingerprintRow,
      `SELECT count(*) AS rows,
              concat_ws(' ', sum(hashtextextended(row, 0)), sum(hashtextextended(row, 1))) AS sums
       FROM (SELECT ${row} AS row FROM ${table}) AS rows`,
    ),
  );
}
