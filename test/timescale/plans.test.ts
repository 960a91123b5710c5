import { finished } from 'node:stream/promises';
import type { ClientBase, PoolClient } from 'pg';
import { batchChunks } from '../../src/activities/batch-chunks';
import { batchRows } from '../../src/activities/batch-rows';
import { chooseBatchEnd } from '../../src/activities/choose-batch-end';
import { chunksOf } from '../../src/activities/chunks-of';
import { parseCursorValue } from '../../src/plan/cursor-value';
import { tableSpecSchema } from '../../src/plan/table-spec';
import { createPool, SOURCE_APPLICATION } from '../../src/postgres/pool';
import { withClient } from '../../src/postgres/with-client';
import { describeTable } from '../../src/source/describe-tables';
import { hypertable, onTimescale } from './support';

interface Sent {
  text: string;
  values: unknown[];
}

/** Notes what a client is asked, however it is asked: as text, as a query, as COPY or database cursor. */
function record(client: ClientBase): Sent[] {
  const sent: Sent[] = [];
  const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
  client.query = ((first: string | Partial<Sent>, values?: unknown[], ...rest: unknown[]) => {
    const text = typeof first === 'string' ? first : (first.text ?? '');
    sent.push({ text, values: (typeof first === 'string' ? values : first.values) ?? [] });
    return query(first, values, ...rest);
  }) as never;
  return sent;
}

async function explain(client: ClientBase, { text, values }: Sent): Promise<string> {
  const select = text.replace(/^COPY \((.*)\) TO STDOUT.*$/s, '$1');
  const { rows } = await client.query<Record<string, string>>(`EXPLAIN (COSTS OFF) ${select}`, values);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

onTimescale((scene) => {
  it.each([true, false])(
    'no compressed chunk is sorted, with an estimate of its rows or without (%s)',
    async (analyzed) => {
      const name = `unsorted_${analyzed}`;
      await scene.run(
        ...hypertable(
          name,
          `SELECT '2026-01-01'::timestamptz + n * interval '30 seconds', n % 5, n FROM generate_series(0, 8639) n`,
        ),
        `INSERT INTO ${name} VALUES ('2026-01-02 00:00:01', 1, 1)`,
        ...(analyzed ? [`ANALYZE ${name}`] : []),
      );
      const pool = createPool(
        { ...scene.harness.source.endpoint, maxConnections: 1 },
        { applicationName: SOURCE_APPLICATION, readOnly: true, idleInTransactionTimeoutMs: 60_000 },
      );
      try {
        const plans = await withClient(pool, undefined, (client) => readAll(client, name));
        for (const plan of plans) expect(plan).not.toMatch(/Sort/);
        expect(plans.filter((plan) => /DecompressChunk|Columnar/.test(plan)).length).toBeGreaterThan(20);
      } finally {
        await pool.end();
      }
    },
  );
});

/** Reads a hypertable as its batches do, on either lane; the plans of all that they ask of it. */
async function readAll(client: PoolClient, name: string): Promise<string[]> {
  const table = await describeTable(client, { schema: 'public', name });
  if (table === undefined) throw new Error(`${name} is not there`);
  const cursor = { table, column: 'time', kind: 'timestamptz' as const };
  const at = (text: string): bigint => parseCursorValue('timestamptz', text);
  const plans: string[] = [];
  for (const binary of [true, false]) {
    const spec = tableSpecSchema.parse({
      source: { schema: 'public', name },
      destination: { schema: 'public', name },
      columns: table.columns.map((column) => ({
        name: column.name,
        sourceType: column.type,
        destinationType: column.type,
      })),
      cursor: { column: 'time', kind: 'timestamptz' },
      ...{
        start: '1990-01-01',
        key: ['sensor', 'time'],
        mode: 'upsert',
        keyUnique: true,
        binary,
        wide: false,
      },
      ...{ firstLoad: true, createdHere: true, cursorIndexed: true, chunks: chunksOf(table, 'time') },
    });
    let rest = { lower: at('1990-01-01 00:00:00+00'), upper: at('2026-03-01 00:00:00+00') };
    let width: bigint | undefined;
    while (rest.lower < rest.upper) {
      const chunks = await batchChunks(client, spec, rest);
      const query = client.query.bind(client);
      const sent = record(client);
      const stretches = chunks?.stretches ?? [];
      const { end } = await chooseBatchEnd(client, cursor, { rest, rows: 700, width, stretches });
      width = end - rest.lower;
      const rows = batchRows(
        client,
        spec,
        { ...rest, upper: end },
        { timeoutMs: 30_000, fence: () => Promise.resolve() },
      );
      await rows.read((stream) => finished(stream.resume()));
      client.query = query;
      for (const one of sent.filter(({ text }) => text.includes(`"${name}"`)))
        plans.push(await explain(client, one));
      rest = { ...rest, lower: end };
      // The stretch after the last chunk.
      if (rest.lower >= at('2026-01-04 00:00:00+00')) break;
    }
  }
  return plans;
}
