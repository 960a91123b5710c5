import type { Database } from './database';

/** A table that is copied. Names are the bench's own, with their schema, and need no quotes. */
export interface Table {
  name: string;
  columns: string[];
  key: string[];
  cursor: string;
  /** Of the table without its key; also makes it at the destination of the pipes. */
  definition: string;
  /** A SELECT of so many rows. */
  rows: (count: number) => string;
}

/** About 11 days of 1,000 sensors; ten rows share each instant. */
export const sensors: Table = {
  name: 'public.sensor_data',
  columns: ['time', 'sensor_id', 'temperature', 'humidity'],
  key: ['sensor_id', 'time'],
  cursor: 'time',
  definition: 'time timestamptz NOT NULL, sensor_id int NOT NULL, temperature float8, humidity float8',
  rows: (count) =>
    `SELECT timestamptz '2026-01-01 00:00:00.000001+00' + (n / 10) * interval '10.000007 s', n % 1000, 20 + random(), 100 * random()
     FROM generate_series(1, ${count}) n`,
};

const VECTOR = 384;

/** Vectors of float4: pgvector's type where the server has it, else real[]. */
export function embeddings(vectorType: string, width = VECTOR): Table {
  return {
    name: 'public.sensor_embeddings',
    columns: ['id', 'created_at', 'vector_data'],
    key: ['id'],
    cursor: 'created_at',
    definition: `id bigint NOT NULL, created_at timestamptz NOT NULL, vector_data ${vectorType}`,
    rows: (count) =>
      `SELECT n, timestamptz '2026-01-01+00' + n * interval '1 s',
         ARRAY(SELECT (random() + 0 * n)::float4 FROM generate_series(1, ${width}))::${vectorType}
       FROM generate_series(1, ${count}) n`,
  };
}

export async function vectorTypeOf(database: Database, width = VECTOR): Promise<string> {
  const [found] = await database.run(`SELECT 1 FROM pg_available_extensions WHERE name = 'vector'`);
  if (found === undefined) return 'real[]';
  await database.run('CREATE EXTENSION IF NOT EXISTS vector SCHEMA public');
  return `public.vector(${width})`;
}

const HUGE_BYTES = 64 * 1024 * 1024;
const ELEMENT = '{"reading": 21.5, "note": "a \\"quoted\\" word, über"}, ';

/** Rows of JSON, each 250th of 64 MB and the others small. An enum column keeps it from the binary lane: it becomes text. */
export function documents(lane: 'binary' | 'text'): Table {
  const kind = lane === 'binary' ? 'text' : 'public.document_kind';
  return {
    name: `public.documents_${lane}`,
    columns: ['id', 'at', 'kind', 'body'],
    key: ['id'],
    cursor: 'at',
    definition: `id bigint NOT NULL, at timestamptz NOT NULL, kind ${kind}, body json`,
    rows: (count) =>
      `SELECT n, timestamptz '2026-01-01+00' + n * interval '1 s', 'report',
         ('[' || repeat('${ELEMENT}', CASE n % 250 WHEN 0 THEN ${Math.ceil(HUGE_BYTES / Buffer.byteLength(ELEMENT))} ELSE 3 END) || 'null]')::json
       FROM generate_series(1, ${count}) n`,
  };
}

/** Makes a table at the source with its key and an index on its cursor column, and so many rows. */
export async function createSource(source: Database, table: Table, rows: number): Promise<void> {
  await source.run(`CREATE TABLE ${table.name} (${table.definition})`);
  await source.run(`INSERT INTO ${table.name} (${table.columns.join(', ')}) ${table.rows(rows)}`);
  await source.run(`ALTER TABLE ${table.name} ADD PRIMARY KEY (${table.key.join(', ')})`);
  await source.run(`CREATE INDEX ON ${table.name} (${table.cursor})`);
  await source.run(`VACUUM (ANALYZE) ${table.name}`);
}

/** An empty table for a pipe, with the key that Tidemark's has. */
export async function createTarget(destination: Database, table: Table, target: string): Promise<void> {
  await destination.run(`DROP TABLE IF EXISTS ${target}`);
  await destination.run(
    `CREATE TABLE ${target} (${table.definition}, PRIMARY KEY (${table.key.join(', ')}))`,
  );
}
