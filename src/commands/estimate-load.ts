import { CommandError } from './command-error';
import type { Endpoint } from '../postgres/endpoint';
import { measureReading } from '../source/measure-reading';
import type { Discovery } from './discover-source';
import { withSession } from './with-session';

/** How fast the source was read, and of which table. */
export interface ReadSpeed {
  table: string;
  rows: number;
  milliseconds: number;
  /** Of what the table would take on disk without compression. */
  bytesPerSecond: number;
}

const MEASURE_MS = 1_000;

/**
 * Reads the largest table that may be read for a second at most, and puts into each table how long it would take at
 * that speed. Undefined where there is nothing to measure by, or the source does not answer in time.
 */
export async function estimateLoad(
  endpoint: Endpoint,
  { tables }: Discovery,
): Promise<ReadSpeed | undefined> {
  const largest = tables.find(
    ({ shown, proposed }) =>
      (shown.bytes ?? 0) > 0 &&
      !shown.warnings.some((warning) => warning.startsWith('the role may not read it')) &&
      proposed.table.columns.length > 0,
  );
  if (!largest) return undefined;
  const { shown, proposed } = largest;
  const reading = await ignoringConnection(
    withSession({ source: endpoint, destination: endpoint }, 'source', (client) =>
      measureReading(client, {
        table: proposed.table,
        columns: proposed.table.columns.map(({ name }) => name),
        forMs: MEASURE_MS,
      }),
    ),
  );
  if (!reading || reading.rows === 0) return undefined;
  // A row's part of the table, so that sizes on disk can be compared; as text where nobody knows how many rows there are.
  const rows = reading.whole ? reading.rows : shown.rows;
  const bytes = rows ? ((shown.uncompressedBytes ?? 0) * Math.min(reading.rows, rows)) / rows : reading.bytes;
  const bytesPerSecond = (bytes * 1000) / Math.max(reading.milliseconds, 1);
  for (const one of tables)
    if (one.shown.uncompressedBytes !== null)
      one.shown.loadMs = Math.round((one.shown.uncompressedBytes * 1000) / bytesPerSecond);
  return {
    table: shown.table,
    rows: reading.rows,
    milliseconds: Math.round(reading.milliseconds),
    bytesPerSecond: Math.round(bytesPerSecond),
  };
}

/** An estimate is no reason to fail: the tables are known by then. */
async function ignoringConnection<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
