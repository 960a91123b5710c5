import { describeCost } from './cost';
import { expectEqual } from './database';
import { peakMemory } from './memory';
import { type Bench, forget, measure, type Result, timed } from './measure';
import type { Table } from './tables';
import { withTimescale } from './timescale';

const CHUNKS = 10_000;
const ROWS_PER_CHUNK = 20;
/** Few, so that there are thousands of batches, and more events than one history should hold. */
const ROWS_PER_BATCH = 100;
/** One transaction holds a lock for each chunk that it makes, and the server's are few. */
const AT_ONCE = 500;
const LANES = { maxConnections: 8, parallelism: { tables: 1, intervals: 8 } };

const hours: Table = {
  name: 'public.hours',
  columns: ['time', 'sensor_id', 'value'],
  key: ['sensor_id', 'time'],
  cursor: 'time',
  definition: 'time timestamptz NOT NULL, sensor_id int NOT NULL, value float8',
  rows: (count) => rowsOf(0, count / ROWS_PER_CHUNK),
};

function rowsOf(firstChunk: number, chunks: number): string {
  return `SELECT timestamptz '2025-01-01 00:05+00' + chunk * interval '1 hour', sensor, random()
    FROM generate_series(${firstChunk}, ${firstChunk + chunks - 1}) chunk, generate_series(1, ${ROWS_PER_CHUNK}) sensor`;
}

/** So many chunks' rows: no query may look into all of them. */
function stretchOf(firstChunk: number, chunks: number): string {
  const bound = (chunk: number): string => {
    return `'${new Date(Date.UTC(2025, 0, 1, chunk)).toISOString()}'`;
  };
  const stretch = `time >= ${bound(firstChunk)} AND time < ${bound(firstChunk + chunks)}`;
  return `(SELECT * FROM ${hours.name} WHERE ${stretch})`;
}

/** A hypertable of ten thousand chunks, batch by batch into a plain table. */
export function tenThousandChunks(bench: Bench, name: string): Promise<Result> {
  const { destination, startWorker } = bench.environment;
  return withTimescale(async (source) => {
    await source.run(
      `CREATE TABLE ${hours.name} (${hours.definition}, PRIMARY KEY (${hours.key.join(', ')}));
       SELECT public.create_hypertable('${hours.name}', '${hours.cursor}', chunk_time_interval => interval '1 hour')`,
    );
    for (let first = 0; first < CHUNKS; first += AT_ONCE)
      await source.run(`INSERT INTO ${hours.name} ${rowsOf(first, AT_ONCE)}`);
    await source.run(`ANALYZE ${hours.name}`);
    const table = { name: hours.name, cursor: hours.cursor, batch: { rows: ROWS_PER_BATCH } };
    const worker = await startWorker(name.replace('/', '-'), [table], source, LANES);
    try {
      const tidemark = async (): Promise<number> => {
        await forget(destination, hours);
        const seconds = await timed(destination, () => worker.sync());
        for (let first = 0; first < CHUNKS; first += AT_ONCE) {
          const rows = stretchOf(first, AT_ONCE);
          await expectEqual(source, destination, {
            source: rows,
            destination: rows,
            columns: hours.columns,
          });
        }
        bench.say(`${name}: ${describeCost(await worker.cost())}`);
        return seconds;
      };
      return await measure(bench, name, {
        rows: CHUNKS * ROWS_PER_CHUNK,
        ways: { tidemark },
        goal: { goal: 'none', met: () => true },
        peak: () => peakMemory(worker.pid),
      });
    } finally {
      await worker.stop();
    }
  });
}
